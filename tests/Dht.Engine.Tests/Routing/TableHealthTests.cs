using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Timing;
using static Dht.Engine.Tests.Routing.TableFill;

namespace Dht.Engine.Tests.Routing;

public sealed class TableHealthTests
{
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly SeededRandomSource _random = new(61);
    private readonly NodeId _id;

    public TableHealthTests() => _id = NodeId.Random(_random);

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void ASilentContact_IsQuestionableAtFifteenMinutesExactly(RoutingTableKind kind)
    {
        BucketTable table = With(kind);
        Instant stale = Instant.Zero + StaleAfter;
        Assert.Equal(ContactHealth.Good, Health(table, stale - Tick));
        Assert.Equal(ContactHealth.Questionable, Health(table, stale));
        table.Insert(_id, Address(1), stale);
        Assert.Equal(
            new Contact(_id, Address(1), ContactHealth.Good, stale),
            Assert.Single(Walk(table, stale + StaleAfter - Tick)));
        Assert.Equal(ContactHealth.Questionable, Health(table, stale + StaleAfter));
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void AContactThatQueriesUs_IsGoodForFifteenMinutes(RoutingTableKind kind)
    {
        BucketTable table = With(kind);
        Instant heard = Instant.Zero + TimeSpan.FromMinutes(40);
        table.MarkHeard(_id, Address(1, 99), heard);
        table.MarkHeard(NodeId.Random(_random), Address(1), heard);
        table.MarkHeard(table.Self, Address(1), heard);
        Assert.Equal(ContactHealth.Questionable, Health(table, heard));
        table.MarkHeard(_id, Address(1), heard);
        Assert.Equal(ContactHealth.Good, Health(table, heard + StaleAfter - Tick));
        Assert.Equal(ContactHealth.Questionable, Health(table, heard + StaleAfter));
        Assert.Equal(Instant.Zero, Assert.Single(Walk(table, heard)).LastAnswered);
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void AQueryHeard_NeitherPostponesThePingNorClearsFailures(RoutingTableKind kind)
    {
        BucketTable table = With(kind);
        Instant stale = Instant.Zero + StaleAfter;
        table.MarkHeard(_id, Address(1), stale);
        Assert.True(table.TryGetStale(stale, out _));
        table.MarkFailed(_id, Address(1));
        table.MarkHeard(_id, Address(1), stale);
        Assert.Equal(ContactHealth.Questionable, Health(table, stale));
        Assert.True(table.TryGetStale(stale + TimeSpan.FromSeconds(30), out _));
        table.MarkFailed(_id, Address(1));
        Assert.Equal(0, table.Count);
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void Failures_MakeItQuestionableThenBad(RoutingTableKind kind)
    {
        BucketTable table = With(kind, new RoutingTableOptions { FailuresAllowed = 3 });
        table.MarkFailed(_id, Address(1));
        Assert.Equal(ContactHealth.Questionable, Health(table, Instant.Zero));
        table.MarkFailed(_id, Address(1));
        Assert.Equal(ContactHealth.Bad, Health(table, Instant.Zero));
        table.MarkFailed(_id, Address(1));
        Assert.Equal(ContactHealth.Bad, Health(table, Instant.Zero));
        table.Insert(_id, Address(1), Instant.Zero);
        Assert.Equal(ContactHealth.Good, Health(table, Instant.Zero));
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void TheLastContactAtADistance_LeavesNobodyElseOut(RoutingTableKind kind)
    {
        BucketTable table = Make(
            kind, NodeId.Random(_random), IpFamily.IPv4, new RoutingTableOptions { FailuresAllowed = 0 });
        var held = new List<CompactNode>();
        for (int shared = 0; shared < NodeId.Bits; shared++)
        {
            held.Add(new CompactNode(table.Self.RandomWithCommonPrefix(shared, _random), Address((uint)shared)));
            Assert.True(table.Insert(held[shared].Id, held[shared].Endpoint, Instant.Zero), $"{shared} bits");
        }

        while (held.Count > 0)
        {
            int place = _random.Next(held.Count);
            NodeId gone = held[place].Id;
            table.MarkFailed(gone, held[place].Endpoint);
            held.RemoveAt(place);
            table.CheckInvariants();
            Assert.Equal(BruteForce(held, gone, default, 8), Closest(table, gone, default, 8));
        }
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void AWalk_MeetsEveryContactOnce_AndEndsForGood(RoutingTableKind kind)
    {
        BucketTable table = Make(kind, NodeId.Random(_random));
        var held = Random(table, 2_000, _random, Instant.Zero).Select(node => node.Id).ToHashSet();
        List<Contact> walked = Walk(table, Instant.Zero);
        Assert.Equal(held.Count, walked.Count);
        Assert.True(held.SetEquals(walked.Select(c => c.Id)));
        foreach (int wild in new[] { int.MaxValue, -1, int.MinValue, 160 << 11 })
        {
            int cursor = wild;
            Assert.False(table.TryGetNext(ref cursor, Instant.Zero, out _));
            Assert.False(table.TryGetNext(ref cursor, Instant.Zero, out _));
        }
    }

    private BucketTable With(RoutingTableKind kind, RoutingTableOptions? options = null)
    {
        BucketTable table = Make(kind, NodeId.Random(_random), IpFamily.IPv4, options);
        Assert.True(table.Insert(_id, Address(1), Instant.Zero));
        return table;
    }

    private static ContactHealth Health(BucketTable table, Instant now) => Assert.Single(Walk(table, now)).Health;
}
