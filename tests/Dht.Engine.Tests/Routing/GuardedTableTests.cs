using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Routing;

public sealed class GuardedTableTests
{
    private static readonly NodeId Someone = NodeId.Parse("00112233445566778899aabbccddeeff01234567");
    private static readonly Endpoint Somewhere = Endpoint.Parse("8.8.8.8:6881");

    private readonly List<Exception> _reported = [];
    private readonly MoodyTable _table = new();
    private readonly byte[] _room = new byte[2 * CompactNode.SizeIPv4];

    [Fact]
    public void OurTables_AreLeftAsTheyAre()
    {
        foreach (RoutingTableKind kind in Enum.GetValues<RoutingTableKind>())
        {
            IRoutingTable ours = RoutingTables.Create(kind, Someone, IpFamily.IPv4);
            Assert.Same(ours, GuardedTable.Wrap(ours, _reported.Add));
        }

        IRoutingTable guarded = GuardedTable.Wrap(_table, _reported.Add);
        Assert.Same(guarded, GuardedTable.Wrap(guarded, _reported.Add));
    }

    [Fact]
    public void WhatATableSays_PassesThrough()
    {
        IRoutingTable guarded = GuardedTable.Wrap(_table, _reported.Add);
        var listener = new Silent();
        guarded.Listener = listener;
        Assert.Same(listener, _table.Listener);
        Assert.Same(listener, guarded.Listener);
        Assert.Equal((default, IpFamily.IPv4, 5), (guarded.Self, guarded.Family, guarded.Count));
        Assert.True(guarded.Wants(Someone, Somewhere) && guarded.Insert(Someone, Somewhere, default));
        guarded.MarkFailed(Someone, Somewhere);
        guarded.MarkHeard(Someone, Somewhere, default);
        Assert.Equal(26, guarded.CopyClosest(Someone, default, _room));
        int cursor = 0;
        Assert.True(guarded.TryGetNext(ref cursor, default, out Contact contact));
        Assert.Equal((1, Someone), (cursor, contact.Id));
        Assert.True(guarded.TryGetRefreshTarget(default, new SeededRandomSource(1), out NodeId target));
        Assert.True(guarded.TryGetStale(default, out CompactNode stale));
        Assert.Equal((Someone, Someone), (target, stale.Id));
        guarded.Rebase(Someone, default);
        Assert.Equal(Someone, guarded.Self);
        Assert.Equal("wants insert failed heard closest next refresh stale rebase", string.Join(' ', _table.Calls));
        Assert.Empty(_reported);
    }

    [Fact]
    public void WhatATableThrows_IsReportedAndIsAnEmptyOneThatTakesNothing()
    {
        IRoutingTable guarded = GuardedTable.Wrap(_table, _reported.Add);
        guarded.Rebase(Someone, default);
        Assert.Equal(Someone, guarded.Self);
        _table.Fault = new NotSupportedException("not today");
        var listener = new Silent();
        guarded.Listener = listener;
        Assert.Same(listener, guarded.Listener);
        Assert.Equal((Someone, IpFamily.IPv4, 0), (guarded.Self, guarded.Family, guarded.Count));
        Assert.False(guarded.Wants(Someone, Somewhere) || guarded.Insert(Someone, Somewhere, default));
        guarded.MarkFailed(Someone, Somewhere);
        guarded.MarkHeard(Someone, Somewhere, default);
        Assert.Equal(0, guarded.CopyClosest(Someone, default, _room));
        int cursor = 0;
        Assert.False(guarded.TryGetNext(ref cursor, default, out Contact contact));
        Assert.False(guarded.TryGetRefreshTarget(default, new SeededRandomSource(1), out NodeId target));
        Assert.False(guarded.TryGetStale(default, out CompactNode stale));
        Assert.Equal((default, default, default), (contact, target, stale));
        guarded.Rebase(default, default);
        Assert.Equal(Enumerable.Repeat(_table.Fault, 12), _reported);
    }

    [Theory]
    [InlineData(-26)]
    [InlineData(27)]
    [InlineData(78)]
    public void ALengthThatCannotBe_IsAFault(int length)
    {
        IRoutingTable guarded = GuardedTable.Wrap(_table, _reported.Add);
        _table.ClosestBytes = length;
        Assert.Equal(0, guarded.CopyClosest(Someone, default, _room));
        Assert.IsType<InvalidOperationException>(Assert.Single(_reported));
    }

    [Fact]
    public void ABrokenInvariant_PassesTheGuard()
    {
        IRoutingTable guarded = GuardedTable.Wrap(_table, _reported.Add);
        _table.Fault = new InvariantException("broken");
        int cursor = 0;
        Assert.Throws<InvariantException>(() => guarded.Self);
        Assert.Throws<InvariantException>(() => guarded.Count);
        Assert.Throws<InvariantException>(() => guarded.Listener = null);
        Assert.Throws<InvariantException>(() => guarded.Wants(Someone, Somewhere));
        Assert.Throws<InvariantException>(() => guarded.Insert(Someone, Somewhere, default));
        Assert.Throws<InvariantException>(() => guarded.MarkFailed(Someone, Somewhere));
        Assert.Throws<InvariantException>(() => guarded.MarkHeard(Someone, Somewhere, default));
        Assert.Throws<InvariantException>(() => guarded.CopyClosest(Someone, default, _room));
        Assert.Throws<InvariantException>(() => guarded.TryGetNext(ref cursor, default, out _));
        Assert.Throws<InvariantException>(() => guarded.TryGetRefreshTarget(default, new SeededRandomSource(1), out _));
        Assert.Throws<InvariantException>(() => guarded.TryGetStale(default, out _));
        Assert.Throws<InvariantException>(() => guarded.Rebase(Someone, default));
        Assert.Empty(_reported);
    }

    private sealed class Silent : IContactListener
    {
        public void OnContactFound(in CompactNode contact)
        {
        }

        public void OnContactLost(in CompactNode contact)
        {
        }
    }

    private sealed class MoodyTable : IRoutingTable
    {
        private NodeId _self;
        private IContactListener? _listener;

        public Exception? Fault { get; set; }

        public int ClosestBytes { get; set; } = CompactNode.SizeIPv4;

        public List<string> Calls { get; } = [];

        public NodeId Self => Say(_self);

        public IpFamily Family => Say(IpFamily.IPv4);

        public int Count => Say(5);

        public IContactListener? Listener
        {
            get => Say(_listener);
            set => _listener = Say(value);
        }

        public bool Wants(in NodeId id, in Endpoint endpoint) => Note("wants");

        public bool Insert(in NodeId id, in Endpoint endpoint, Instant now) => Note("insert");

        public void MarkFailed(in NodeId id, in Endpoint endpoint) => Note("failed");

        public void MarkHeard(in NodeId id, in Endpoint endpoint, Instant now) => Note("heard");

        public int CopyClosest(in NodeId target, in NodeId except, Span<byte> destination) =>
            Note("closest") ? ClosestBytes : 0;

        public bool TryGetNext(ref int cursor, Instant now, out Contact contact)
        {
            contact = new Contact(Someone, Somewhere, ContactHealth.Good, now);
            cursor++;
            return Note("next");
        }

        public bool TryGetRefreshTarget(Instant now, IRandomSource random, out NodeId target)
        {
            target = Someone;
            return Note("refresh");
        }

        public bool TryGetStale(Instant now, out CompactNode contact)
        {
            contact = new CompactNode(Someone, Somewhere);
            return Note("stale");
        }

        public void Rebase(in NodeId self, Instant now) => _self = Note("rebase") ? self : default;

        private bool Note(string call)
        {
            Say(call);
            Calls.Add(call);
            return true;
        }

        private T Say<T>(T value) => Fault != null ? throw Fault : value;
    }
}
