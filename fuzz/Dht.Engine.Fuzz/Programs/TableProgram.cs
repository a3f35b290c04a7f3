using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Models;
using Dht.Engine.Timing;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>
/// Runs programs on a routing table and on its plain model: every result, every contact and every event agree.
/// </summary>
internal sealed class TableProgram : CommandProgram, IContactListener
{
    private const int Codes = 8;

    private readonly SeededRandomSource _random = new(1);
    private readonly List<string> _events = [];
    private IRoutingTable _table = null!;
    private TableModel _model = null!;
    private Instant _now;
    private IpFamily _family;

    /// <inheritdoc/>
    public void OnContactFound(in CompactNode contact) =>
        _events.Add(TableModel.Told("found", contact.Id, contact.Endpoint));

    /// <inheritdoc/>
    public void OnContactLost(in CompactNode contact) =>
        _events.Add(TableModel.Told("lost", contact.Id, contact.Endpoint));

    /// <inheritdoc/>
    protected override void Begin(Command setting)
    {
        var options = new RoutingTableOptions
        {
            BucketSize = 1 + (setting.A & 3),
            CacheSize = (setting.A >> 2) & 3,
            ExtendedBuckets = (setting.A & 0x10) != 0,
            AllowSharedAddresses = (setting.A & 0x20) != 0,
            FailuresAllowed = setting.A >> 6,
        };
        RoutingTableKind kind = (setting.Code & 1) != 0 ? RoutingTableKind.Mainline : RoutingTableKind.Kademlia;
        _family = (setting.Code & 2) != 0 ? IpFamily.IPv6 : IpFamily.IPv4;
        NodeId self = SelfOf(0);
        _now = Instant.Zero + TimeSpan.FromHours(1);
        _table = RoutingTables.Create(kind, self, _family, options, new SeededRandomSource(1));
        _table.Listener = this;
        _model = new TableModel(kind, self, _family, options);
        _events.Clear();
    }

    /// <inheritdoc/>
    protected override void Do(Command command)
    {
        CompactNode node = NodeOf(command);
        switch (command.Code % Codes)
        {
            case 0 or 1:
                FuzzFailureException.Require(
                    _model.Wants(node.Id, node.Endpoint) == Wants(node), "the table wants what its model wants");
                FuzzFailureException.Require(
                    _model.Insert(node.Id, node.Endpoint, _now) == Insert(node),
                    "the table takes what its model takes");
                break;
            case 2:
                _model.Fail(node.Id, node.Endpoint);
                AllocationWatch.Start();
                _table.MarkFailed(node.Id, node.Endpoint);
                StopWatch();
                break;
            case 3:
                _model.Heard(node.Id, node.Endpoint, _now);
                _table.MarkHeard(node.Id, node.Endpoint, _now);
                break;
            case 4:
                CompactNode? stale = _model.Stale(_now)?.Node;
                bool found = _table.TryGetStale(_now, out CompactNode offered);
                FuzzFailureException.Require(
                    found == stale.HasValue && offered == (stale ?? default), "the table offers what its model offers");
                break;
            case 5:
                int shared = _model.Refresh(_now);
                bool refreshes = _table.TryGetRefreshTarget(_now, _random, out NodeId target);
                FuzzFailureException.Require(
                    refreshes == shared >= 0 && (shared < 0 || _table.Self.CommonPrefixLength(target) == shared),
                    "and refreshes what it refreshes");
                break;
            case 6:
                _now += TimeSpan.FromSeconds(command.Number & 0x3FF);
                break;
            default:
                NodeId self = SelfOf(command.A);
                _model.Rebase(self, _now);
                _table.Rebase(self, _now);
                break;
        }

        Compare();
    }

    /// <inheritdoc/>
    protected override void Finish() => CompareClosest();

    /// <inheritdoc/>
    protected override void CheckInvariants() => ((BucketTable)_table).CheckInvariants();

    private bool Wants(in CompactNode node)
    {
        AllocationWatch.Start();
        bool wants = _table.Wants(node.Id, node.Endpoint);
        AllocationWatch.Stop();
        return wants;
    }

    private bool Insert(in CompactNode node)
    {
        AllocationWatch.Start();
        bool inserted = _table.Insert(node.Id, node.Endpoint, _now);
        StopWatch();
        return inserted;
    }

    // Events are recorded as text here, which is not the table's.
    private void StopWatch()
    {
        if (_events.Count == 0)
        {
            AllocationWatch.Stop();
        }
    }

    private void Compare()
    {
        FuzzFailureException.Require(_model.Events.SequenceEqual(_events), "the table reports what its model reports");
        FuzzFailureException.Require(
            _model.Held.Count == _table.Count && _model.Self == _table.Self, "the table holds as many as its model");
        _model.Events.Clear();
        _events.Clear();
        int cursor = 0;
        int walked = 0;
        while (_table.TryGetNext(ref cursor, _now, out Contact contact))
        {
            walked++;
            NodeId id = contact.Id;
            TableModel.Entry? entry = _model.Held.Find(e => e.Id == id);
            bool same = entry != null
                && contact == new Contact(entry.Id, entry.Endpoint, _model.Health(entry, _now), entry.Answered);
            FuzzFailureException.Require(same, "a contact is in the model as it is in the table");
        }

        FuzzFailureException.Require(walked == _table.Count, "a walk meets every contact once");
    }

    private void CompareClosest()
    {
        const int Count = 8;
        NodeId target = Strangers.TargetOf(7, _table.Self);
        int size = CompactNode.SizeOf(_family);
        Span<byte> room = stackalloc byte[Count * CompactNode.SizeIPv6];
        int length = _table.CopyClosest(target, _table.Self, room[..(Count * size)]);
        CompactNode[] expected =
            [.. _model.Held.OrderBy(e => target.DistanceTo(e.Id)).Take(Count).Select(static e => e.Node)];
        CompactNodes found = new(room[..length], _family);
        FuzzFailureException.Require(found.Count == expected.Length, "the nearest are as many as there are");
        for (int i = 0; i < expected.Length; i++)
        {
            FuzzFailureException.Require(
                found[i] == expected[i], "the nearest are those that a search of everybody finds");
        }
    }

    /// <summary>Often a contact that is held, because little happens to the others.</summary>
    private CompactNode NodeOf(Command command)
    {
        if (command.C >= 128 && _model.Held.Count > 0)
        {
            return _model.Held[command.A % _model.Held.Count].Node;
        }

        byte family = _family == IpFamily.IPv6 ? (byte)0x80 : (byte)0;
        Endpoint endpoint = Strangers.EndpointOf(
            (byte)((command.B & 0x7F) | (command.C == 0x7F ? family ^ 0x80 : family)));
        return new CompactNode(Strangers.IdOf(command.A, SelfOf(0)), endpoint);
    }

    private static NodeId SelfOf(byte number)
    {
        NodeId self = NodeId.Random(new SeededRandomSource(77));
        return (number & 3) == 0 ? self : Strangers.IdOf(number, self);
    }
}
