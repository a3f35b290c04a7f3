using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// A list of 40 peers walked in place, 64 lists in turn, against objects of the framework made for each peer.
/// </summary>
[MemoryDiagnoser]
public class CompactPeersBenchmarks
{
    private const int Lists = 64;
    private const int Peers = 40;

    private byte[][] _lists = [];

    [Params(IpFamily.IPv4, IpFamily.IPv6)]
    public IpFamily Family { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _lists = Inputs.Repeat(() => MakeList(random), Lists);
        if (Walk() != Objects())
        {
            throw new InvalidOperationException("The variants disagree.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Lists)]
    public int Objects()
    {
        int sum = 0;
        int size = Family == IpFamily.IPv4 ? Endpoint.CompactSizeIPv4 : Endpoint.CompactSizeIPv6;
        int head = Family == IpFamily.IPv4 ? "6:".Length : "18:".Length;
        foreach (byte[] list in _lists)
        {
            for (int at = 1; list[at] != (byte)'e'; at += head + size)
            {
                sum += FrameworkEndpoints.Read(list.AsSpan(at + head, size)).Port;
            }
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Lists)]
    public int Walk()
    {
        int sum = 0;
        foreach (byte[] list in _lists)
        {
            foreach (Endpoint peer in new CompactPeers(list))
            {
                sum += peer.Port;
            }
        }

        return sum;
    }

    private byte[] MakeList(SeededRandomSource random)
    {
        byte[] list = [(byte)'l'];
        byte[] compact = new byte[Endpoint.CompactSizeIPv6];
        foreach (Endpoint peer in Inputs.Endpoints(Family, random, Peers))
        {
            byte[] head = Family == IpFamily.IPv4 ? [.. "6:"u8] : [.. "18:"u8];
            list = [.. list, .. head, .. compact.AsSpan(0, peer.WriteCompact(compact))];
        }

        return [.. list, (byte)'e'];
    }
}
