using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>Each query, written for 1,024 targets in turn; the shortest of them is the baseline.</summary>
[MemoryDiagnoser]
public class KrpcQueriesBenchmarks
{
    private readonly byte[] _place = new byte[KrpcQueries.SizeMax];
    private NodeId[] _targets = [];
    private InfoHash[] _infoHashes = [];
    private NodeId _id;

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _id = NodeId.Random(random);
        _targets = Inputs.Ids(random);
        _infoHashes = Inputs.InfoHashes(random);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int Ping()
    {
        int sum = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            sum += KrpcQueries.WritePing(_place, Envelope);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int FindNode()
    {
        int sum = 0;
        foreach (ref readonly NodeId target in _targets.AsSpan())
        {
            sum += KrpcQueries.WriteFindNode(_place, Envelope, target);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int GetPeersOfBothFamilies()
    {
        int sum = 0;
        foreach (ref readonly InfoHash infoHash in _infoHashes.AsSpan())
        {
            sum += KrpcQueries.WriteGetPeers(_place, Envelope, infoHash, IpFamily.Both);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int AnnouncePeer()
    {
        int sum = 0;
        ushort port = 1024;
        foreach (ref readonly InfoHash infoHash in _infoHashes.AsSpan())
        {
            sum += KrpcQueries.WriteAnnouncePeer(_place, Envelope, infoHash, port++, false, "12345678"u8);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int SampleInfoHashes()
    {
        int sum = 0;
        foreach (ref readonly NodeId target in _targets.AsSpan())
        {
            sum += KrpcQueries.WriteSampleInfoHashes(_place, Envelope, target);
        }

        return sum;
    }

    private KrpcEnvelope Envelope => new() { Id = _id, TransactionId = "abcd"u8, Version = Messages.Version };
}
