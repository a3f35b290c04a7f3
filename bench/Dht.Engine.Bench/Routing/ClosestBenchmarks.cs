using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;

namespace Dht.Engine.Bench;

/// <summary>
/// The 8 contacts closest to random targets, out of a full table. The baselines sort all contacts by distance, and
/// scan all of them for the nearest 8.
/// </summary>
[MemoryDiagnoser]
public class ClosestBenchmarks
{
    private readonly byte[] _place = new byte[8 * CompactNode.SizeIPv4];
    private IRoutingTable _table = null!;
    private NaiveContacts _naive = null!;
    private NodeId[] _targets = [];

    [Params(RoutingTableKind.Kademlia, RoutingTableKind.Mainline)]
    public RoutingTableKind Table { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _table = RoutingTables.Create(Table, NodeId.Random(random), IpFamily.IPv4, null, random);
        FullTables.Fill(_table, random);
        _naive = new NaiveContacts(FullTables.Contacts(_table));
        _targets = Inputs.Ids(random);
        foreach (NodeId target in _targets)
        {
            _table.CopyClosest(target, default, _place);
            byte[] found = [.. _place];
            _naive.CopyBySort(target, _place);
            bool same = found.AsSpan().SequenceEqual(_place);
            _naive.CopyByScan(target, _place);
            if (!same || !found.AsSpan().SequenceEqual(_place))
            {
                throw new InvalidOperationException("The variants disagree.");
            }
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int FullSort()
    {
        int sum = 0;
        foreach (ref readonly NodeId target in _targets.AsSpan())
        {
            sum += _naive.CopyBySort(target, _place);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int FullScan()
    {
        int sum = 0;
        foreach (ref readonly NodeId target in _targets.AsSpan())
        {
            sum += _naive.CopyByScan(target, _place);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int CopyClosest8()
    {
        int sum = 0;
        foreach (ref readonly NodeId target in _targets.AsSpan())
        {
            sum += _table.CopyClosest(target, default, _place);
        }

        return sum;
    }
}
