using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Bench;

/// <summary>The 8 contacts closest to random targets, out of a table that 100,000 random contacts were offered to.</summary>
[MemoryDiagnoser]
public class ClosestBenchmarks
{
    private const int Targets = 1024;

    private readonly NodeId[] _targets = new NodeId[Targets];
    private readonly byte[] _place = new byte[8 * CompactNode.SizeIPv4];
    private KademliaTable _kademlia = null!;
    private MainlineTable _mainline = null!;
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        var self = NodeId.Random(random);
        _kademlia = new KademliaTable(self, AddressKind.IPv4);
        _mainline = new MainlineTable(self, AddressKind.IPv4);
        for (uint i = 0; i < 100_000; i++)
        {
            var id = NodeId.Random(random);
            _kademlia.Insert(id, Endpoint.FromIPv4(0x08000000 + i, 6881), Instant.Zero);
            _mainline.Insert(id, Endpoint.FromIPv4(0x08000000 + (i << 8), 6881), Instant.Zero);
        }

        for (int i = 0; i < Targets; i++)
        {
            _targets[i] = NodeId.Random(random);
        }
    }

    [Benchmark]
    public int CopyClosest8() => _kademlia.CopyClosest(_targets[_next++ & (Targets - 1)], default, _place);

    [Benchmark]
    public int CopyClosest8OfMainline() => _mainline.CopyClosest(_targets[_next++ & (Targets - 1)], default, _place);
}
