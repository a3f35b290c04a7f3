using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Timing;
using static Dht.Engine.Tests.Routing.TableFill;

namespace Dht.Engine.Tests.Routing;

public sealed class MainlineTableTests
{
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(15);

    private readonly SeededRandomSource _random = new(51);
    private readonly MainlineTable _table;
    private uint _next;

    public MainlineTableTests() =>
        _table = new MainlineTable(
            NodeId.Random(_random), IpFamily.IPv4, new RoutingTableOptions { ExtendedBuckets = false });

    [Fact]
    public void ATableBegins_WithOneBucketForAll()
    {
        Assert.Equal(1, _table.BucketCount);
        for (int shared = 0; shared < 8; shared++)
        {
            NodeId id = _table.Self.RandomWithCommonPrefix(shared * 10, _random);
            Assert.Equal(0, _table.BucketOf(id));
            Assert.True(_table.Insert(id, Address(_next++), Instant.Zero));
        }

        Assert.Equal((1, 8), (_table.BucketCount, _table.Count));
        Assert.Equal(-1, _table.BucketOf(_table.Self));
    }

    [Fact]
    public void OnlyTheHomeBucketSplits()
    {
        Add(shared: 0, count: 8);
        Assert.Equal(1, _table.BucketCount);
        Add(shared: 0, count: 20);
        Assert.Equal((1, 8), (_table.BucketCount, _table.Count));
        Add(shared: 3, count: 1);
        Assert.Equal((2, 9), (_table.BucketCount, _table.Count));
        Add(shared: 0, count: 20);
        Add(shared: 3, count: 7);
        Assert.Equal((2, 16), (_table.BucketCount, _table.Count));
        Add(shared: 2, count: 1);
        Assert.Equal((4, 17), (_table.BucketCount, _table.Count));
        Assert.Equal(3, _table.BucketOf(_table.Self.RandomWithCommonPrefix(100, _random)));
        Assert.Equal(2, _table.BucketOf(_table.Self.RandomWithCommonPrefix(2, _random)));
    }

    [Fact]
    public void ASplitOfManyNearContacts_GoesOnUntilTheHomeBucketHoldsNoMoreThanItMay()
    {
        Add(shared: 20, count: 8);
        Add(shared: 40, count: 8);
        Assert.Equal((22, 16), (_table.BucketCount, _table.Count));
        Add(shared: 159, count: 1);
        Assert.Equal((42, 17), (_table.BucketCount, _table.Count));
    }

    [Theory]
    [InlineData(true, 128, 64, 32, 16, 8, 8)]
    [InlineData(false, 8, 8, 8, 8, 8, 8)]
    public void TheFirstBuckets_HoldMore(bool extended, params int[] capacities)
    {
        var table = new MainlineTable(
            _table.Self, IpFamily.IPv4, new RoutingTableOptions { ExtendedBuckets = extended });
        for (uint i = 0; i < 4_000; i++)
        {
            table.Insert(table.Self.RandomWithCommonPrefix((int)i % 10, _random), Address(i), Instant.Zero);
        }

        for (int bucket = 0; bucket < capacities.Length; bucket++)
        {
            Assert.Equal(capacities[bucket], Walk(table, Instant.Zero).Count(c => table.BucketOf(c.Id) == bucket));
        }
    }

    [Fact]
    public void RandomContacts_LeaveAsManyBucketsAsTheNetworkIsDeep()
    {
        var table = new MainlineTable(_table.Self, IpFamily.IPv4);
        for (uint i = 0; i < 20_000; i++)
        {
            table.Insert(NodeId.Random(_random), Address(i), Instant.Zero);
        }

        // 20,000 contacts: about 10 of them share 11 bits with us.
        Assert.InRange(table.BucketCount, 9, 14);
    }

    [Fact]
    public void RefreshTargets_CoverEveryDistance_WithinTheHomeBucketToo()
    {
        var table = new MainlineTable(_table.Self, IpFamily.IPv4);
        Assert.False(table.TryGetRefreshTarget(Instant.Zero + StaleAfter, _random, out _));
        int deepest = 0;
        for (uint i = 0; i < 20_000; i++)
        {
            NodeId id = NodeId.Random(_random);
            deepest = table.Insert(id, Address(i), Instant.Zero)
                ? Math.Max(deepest, table.Self.CommonPrefixLength(id))
                : deepest;
        }

        Assert.True(deepest >= table.BucketCount, "the home bucket is to hold more than one distance");
        for (int round = 1; round <= 3; round++)
        {
            Instant now = Instant.Zero + (StaleAfter * round);
            for (int shared = 0; shared <= deepest + 1; shared++)
            {
                Assert.True(table.TryGetRefreshTarget(now, _random, out NodeId target));
                Assert.Equal(shared, table.Self.CommonPrefixLength(target));
            }

            Assert.False(table.TryGetRefreshTarget(now, _random, out _));
        }
    }

    [Fact]
    public void AQuestionableContact_IsPingedBeforeItGivesWay()
    {
        NodeId[] ids = Add(shared: 0, count: 8);
        Add(shared: 4, count: 1);
        Instant now = Instant.Zero + TimeSpan.FromMinutes(10);
        for (uint i = 0; i < 9; i++)
        {
            _ = i is 3 or 5 || _table.Insert(Walk(_table, now)[(int)i].Id, Walk(_table, now)[(int)i].Endpoint, now);
        }

        now = Instant.Zero + StaleAfter;
        NodeId newcomer = _table.Self.RandomWithCommonPrefix(0, _random);
        Assert.True(_table.Wants(newcomer, Address(77)));
        Assert.False(_table.Insert(newcomer, Address(77), now));
        Assert.True(_table.TryGetStale(now, out CompactNode pinged));
        Assert.Equal((ids[3], Address(3)), (pinged.Id, pinged.Endpoint));

        // It answers: the next longest silent one is asked, and that one is dead.
        _table.Insert(ids[3], Address(3), now);
        Assert.True(_table.TryGetStale(now, out pinged));
        Assert.Equal(ids[5], pinged.Id);
        _table.MarkFailed(ids[5], Address(5));
        Assert.False(_table.TryGetStale(now + TimeSpan.FromSeconds(29), out _));
        Assert.True(_table.TryGetStale(now + TimeSpan.FromSeconds(30), out pinged));
        Assert.Equal(ids[5], pinged.Id);
        Assert.Contains(Walk(_table, now), c => c.Id == ids[5]);
        _table.MarkFailed(ids[5], Address(5));
        Assert.Contains(Walk(_table, now), c => c.Id == newcomer);
        Assert.DoesNotContain(Walk(_table, now), c => c.Id == ids[5]);
        Assert.False(_table.TryGetStale(now + TimeSpan.FromMinutes(9), out _));
    }

    [Fact]
    public void AContestedContact_IsOfferedBeforeAnyOtherStaleOne()
    {
        Add(shared: 0, count: 7);
        NodeId[] far = Add(shared: 9, count: 8);
        Instant now = Instant.Zero + StaleAfter;
        _table.Insert(_table.Self.RandomWithCommonPrefix(9, _random), Address(77), now);
        Assert.True(_table.TryGetStale(now, out CompactNode first));
        Assert.Equal(far[0], first.Id);
        Assert.True(_table.TryGetStale(now, out CompactNode second));
        Assert.Equal(0, _table.Self.CommonPrefixLength(second.Id));
    }

    [Fact]
    public void AGoodContact_IsNeverEvicted()
    {
        NodeId[] ids = Add(shared: 0, count: 8);
        for (uint i = 100; i < 200; i++)
        {
            Assert.False(_table.Insert(_table.Self.RandomWithCommonPrefix(0, _random), Address(i), Instant.Zero));
        }

        Assert.False(_table.TryGetStale(Instant.Zero + TimeSpan.FromMinutes(14), out _));
        Assert.Equal(ids, Walk(_table, Instant.Zero).Select(c => c.Id));
    }

    [Fact]
    public void AContactThatFailedOnce_KeepsItsPlace_ButABadOneGivesWayAtOnce()
    {
        var table = new MainlineTable(
            _table.Self, IpFamily.IPv4, new RoutingTableOptions { ExtendedBuckets = false, FailuresAllowed = 5 });
        NodeId[] ids = [.. Enumerable.Range(0, 9).Select(_ => table.Self.RandomWithCommonPrefix(0, _random))];
        for (uint i = 0; i < 8; i++)
        {
            table.Insert(ids[i], Address(i), Instant.Zero);
        }

        table.MarkFailed(ids[2], Address(2));
        Assert.False(table.Insert(ids[8], Address(8), Instant.Zero));
        Assert.True(table.TryGetStale(Instant.Zero, out CompactNode pinged));
        Assert.Equal(ids[2], pinged.Id);
        table.MarkFailed(ids[2], Address(2));
        Assert.Contains(Walk(table, Instant.Zero), c => c.Id == ids[2] && c.Health == ContactHealth.Bad);
        Assert.True(table.Insert(ids[8], Address(8), Instant.Zero));
        Assert.DoesNotContain(Walk(table, Instant.Zero), c => c.Id == ids[2]);
    }

    [Fact]
    public void CraftedIdsOfFewNetworks_GetOnePlaceEachInTheHomeBucket()
    {
        var table = new MainlineTable(_table.Self, IpFamily.IPv4);
        for (uint i = 0; i < 10_000; i++)
        {
            NodeId id = table.Self.RandomWithCommonPrefix(10 + ((int)i % 150), _random);
            table.Insert(id, Endpoint.FromIPv4(0x08000000 + ((i % 5) << 8) + (i / 5 % 256), 6881), Instant.Zero);
        }

        Assert.Equal((1, 5), (table.BucketCount, table.Count));
    }

    [Fact]
    public void CraftedIdsOfManyNetworks_FillNoPrefixBeyondItsOwnBucket()
    {
        var table = new MainlineTable(_table.Self, IpFamily.IPv4);
        for (uint i = 0; i < 1_000; i++)
        {
            table.Insert(table.Self.RandomWithCommonPrefix(100, _random), Address(i), Instant.Zero);
        }

        Assert.Equal(8, table.Count);
        Assert.True(table.Wants(NodeId.Random(_random), Address(5_000)));
    }

    [Theory]
    [InlineData(IpFamily.IPv4, 1)]
    [InlineData(IpFamily.IPv6, 2)]
    public void ANetwork_HoldsFewPlacesInABucket(IpFamily family, int places)
    {
        var table = new MainlineTable(_table.Self, family);
        for (uint i = 0; i < 100; i++)
        {
            Endpoint endpoint = family == IpFamily.IPv4
                ? Endpoint.FromIPv4(0x08080800 + i, 6881)
                : Endpoint.FromIPv6(0x2001_4860_0000_0000UL + i, i, 6881);
            NodeId id = NodeId.Random(_random);
            Assert.Equal(i < places, table.Wants(id, endpoint));
            Assert.Equal(i < places, table.Insert(id, endpoint, Instant.Zero));
        }
    }

    private NodeId[] Add(int shared, int count)
    {
        NodeId[] ids = [.. Enumerable.Range(0, count).Select(_ => _table.Self.RandomWithCommonPrefix(shared, _random))];
        foreach (NodeId id in ids)
        {
            _table.Insert(id, Address(_next++), Instant.Zero);
        }

        return ids;
    }
}
