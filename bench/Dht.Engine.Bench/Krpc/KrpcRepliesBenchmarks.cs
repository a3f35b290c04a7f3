using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// Each reply, written for 1,024 askers in turn; the baseline copies as many bytes as the reply with 8 contacts has.
/// </summary>
[MemoryDiagnoser]
public class KrpcRepliesBenchmarks
{
    private readonly byte[] _place = new byte[1400];
    private readonly byte[] _source = new byte[1400];
    private readonly byte[] _nodes = new byte[8 * CompactNode.SizeIPv4];
    private readonly byte[] _nodes6 = new byte[8 * CompactNode.SizeIPv6];
    private readonly byte[] _peers = new byte[40 * Endpoint.CompactSizeIPv4];
    private readonly byte[] _samples = new byte[20 * InfoHash.Size];
    private Endpoint[] _askers = [];
    private NodeId _id;
    private int _nodesLength;

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _id = NodeId.Random(random);
        _askers = Inputs.Endpoints(IpFamily.IPv4, random);
        random.Fill(_nodes);
        random.Fill(_nodes6);
        random.Fill(_peers);
        random.Fill(_samples);
        _nodesLength = Nodes() / Inputs.Count;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int CopyOfSameLength()
    {
        int sum = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            _source.AsSpan(0, _nodesLength).CopyTo(_place.AsSpan(i & 1));
            sum += _place[0];
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Pong()
    {
        int sum = 0;
        foreach (ref readonly Endpoint asker in _askers.AsSpan())
        {
            sum += KrpcReplies.WritePong(_place, Envelope(asker));
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Nodes()
    {
        int sum = 0;
        foreach (ref readonly Endpoint asker in _askers.AsSpan())
        {
            sum += KrpcReplies.WriteNodes(_place, Envelope(asker), Messages.Contacts(IpFamily.IPv4, _nodes));
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int NodesOfBothFamilies()
    {
        int sum = 0;
        var contacts = new KrpcContacts { Families = IpFamily.Both, Nodes = _nodes, Nodes6 = _nodes6 };
        foreach (ref readonly Endpoint asker in _askers.AsSpan())
        {
            sum += KrpcReplies.WriteNodes(_place, Envelope(asker), contacts);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int NodesAnd40Peers()
    {
        int sum = 0;
        foreach (ref readonly Endpoint asker in _askers.AsSpan())
        {
            sum += KrpcReplies.WritePeers(
                _place, Envelope(asker), Messages.Contacts(IpFamily.IPv4, _nodes), "12345678"u8, _peers,
                Endpoint.CompactSizeIPv4);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int NodesAnd20Samples()
    {
        int sum = 0;
        foreach (ref readonly Endpoint asker in _askers.AsSpan())
        {
            sum += KrpcReplies.WriteSamples(
                _place, Envelope(asker), Messages.Contacts(IpFamily.IPv4, _nodes), 60, 4_000, _samples);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Error()
    {
        int sum = 0;
        foreach (ref readonly Endpoint asker in _askers.AsSpan())
        {
            sum += KrpcReplies.WriteError(_place, Envelope(asker), KrpcErrorCode.MethodUnknown, "method unknown"u8);
        }

        return sum;
    }

    private KrpcEnvelope Envelope(in Endpoint asker) =>
        new() { Id = _id, TransactionId = "abcd"u8, Version = Messages.Version, Requester = asker };
}
