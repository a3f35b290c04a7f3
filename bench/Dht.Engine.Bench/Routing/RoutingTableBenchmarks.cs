using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Bench;

/// <summary>
/// What packets do to a full table: a contact answers again or asks, a stranger asks or answers (and waits in a
/// cache). The baseline finds a contact by its id in a dictionary.
/// </summary>
[MemoryDiagnoser]
public class RoutingTableBenchmarks
{
    private readonly Dictionary<NodeId, (Endpoint Endpoint, Instant HeardAt)> _dictionary = [];
    private IRoutingTable _table = null!;
    private CompactNode[] _known = [];
    private CompactNode[] _strangers = [];
    private int _nextKnown;
    private Instant _now;

    [Params(RoutingTableKind.Kademlia, RoutingTableKind.Mainline)]
    public RoutingTableKind Table { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _table = RoutingTables.Create(Table, NodeId.Random(random), IpFamily.IPv4, null, random);
        FullTables.Fill(_table, random);
        _known = FullTables.Contacts(_table);
        int[] order = Inputs.Shuffled(random, _known.Length);
        _known = Array.ConvertAll(order, i => _known[i]);
        _strangers = Inputs.Contacts(IpFamily.IPv4, random);
        foreach (CompactNode contact in _known)
        {
            _dictionary[contact.Id] = (contact.Endpoint, Instant.Zero);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public void Dictionary_MarkHeard()
    {
        Step();
        for (int i = 0; i < Inputs.Count; i++)
        {
            ref readonly CompactNode contact = ref NextKnown();
            ref var entry = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef(
                _dictionary, contact.Id);
            if (entry.Endpoint == contact.Endpoint)
            {
                entry.HeardAt = _now;
            }
        }
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public void MarkHeard()
    {
        Step();
        for (int i = 0; i < Inputs.Count; i++)
        {
            ref readonly CompactNode contact = ref NextKnown();
            _table.MarkHeard(contact.Id, contact.Endpoint, _now);
        }
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public void MarkHeard_Stranger()
    {
        foreach (ref readonly CompactNode contact in _strangers.AsSpan())
        {
            _table.MarkHeard(contact.Id, contact.Endpoint, _now);
        }
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Insert_Known()
    {
        int inserted = 0;
        Step();
        for (int i = 0; i < Inputs.Count; i++)
        {
            ref readonly CompactNode contact = ref NextKnown();
            inserted += _table.Insert(contact.Id, contact.Endpoint, _now) ? 1 : 0;
        }

        return inserted;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Insert_Stranger()
    {
        int inserted = 0;
        Step();
        foreach (ref readonly CompactNode contact in _strangers.AsSpan())
        {
            inserted += _table.Insert(contact.Id, contact.Endpoint, _now) ? 1 : 0;
        }

        return inserted;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Wants_Known()
    {
        int wanted = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            ref readonly CompactNode contact = ref NextKnown();
            wanted += _table.Wants(contact.Id, contact.Endpoint) ? 1 : 0;
        }

        return wanted;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Wants_Stranger()
    {
        int wanted = 0;
        foreach (ref readonly CompactNode contact in _strangers.AsSpan())
        {
            wanted += _table.Wants(contact.Id, contact.Endpoint) ? 1 : 0;
        }

        return wanted;
    }

    // Little by little, so that no contact goes stale.
    private void Step() => _now += TimeSpan.FromTicks(10);

    private ref readonly CompactNode NextKnown()
    {
        _nextKnown = _nextKnown + 1 < _known.Length ? _nextKnown + 1 : 0;
        return ref _known[_nextKnown];
    }
}
