using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;
using static Dht.Engine.Tests.Routing.TableFill;

namespace Dht.Engine.Tests.Routing;

public sealed class KademliaTableTests
{
    private readonly SeededRandomSource _random = new(21);
    private readonly KademliaTable _table;

    public KademliaTableTests() => _table = Table(new RoutingTableOptions());

    [Fact]
    public void AnIdAtEveryDistance_FallsInItsBucket()
    {
        for (int distance = 1; distance <= NodeId.Bits; distance++)
        {
            NodeId id = _table.Self.RandomAtDistance(distance, _random);
            Assert.Equal(NodeId.Bits - distance, _table.BucketOf(id));
            Assert.True(_table.Wants(id, Address((uint)distance)));
            Assert.True(_table.Insert(id, Address((uint)distance), Instant.Zero));
            Assert.False(_table.Wants(id, Address((uint)distance)));
            Assert.Equal(id, Assert.Single(Closest(_table, id, default, 1)).Id);
        }

        Assert.Equal(NodeId.Bits, _table.Count);
    }

    [Fact]
    public void OurOwnId_IsRefused()
    {
        Assert.Equal(-1, _table.BucketOf(_table.Self));
        Assert.False(_table.Wants(_table.Self, Address(1)));
        Assert.False(_table.Insert(_table.Self, Address(1), Instant.Zero));
        _table.MarkFailed(_table.Self, Address(1));
        Assert.Equal(0, _table.Count);
    }

    [Fact]
    public void TheWrongFamily_IsRefused()
    {
        NodeId id = NodeId.Random(_random);
        var other = Endpoint.Parse("[2001:4860::1]:6881");
        Assert.False(_table.Wants(id, other));
        Assert.False(_table.Insert(id, other, Instant.Zero));
        Assert.False(_table.Insert(id, default, Instant.Zero));
        Assert.Equal(0, _table.Count);
        var six = new KademliaTable(_table.Self, IpFamily.IPv6);
        Assert.False(six.Insert(id, Address(1), Instant.Zero));
        Assert.True(six.Insert(id, other, Instant.Zero));
        _table.MarkFailed(id, other);
    }

    [Fact]
    public void OneAddress_CannotFillABucket()
    {
        for (ushort port = 1; port <= 20; port++)
        {
            _table.Insert(InBucket(0), Address(1, port), Instant.Zero);
        }

        Assert.Equal(1, _table.Count);
        Assert.False(_table.Wants(InBucket(0), Address(1, 99)));
        Assert.True(_table.Wants(InBucket(0), Address(2, 99)));
        KademliaTable shared = Table(new RoutingTableOptions { AllowSharedAddresses = true });
        for (ushort port = 1; port <= 20; port++)
        {
            shared.Insert(shared.Self.RandomWithCommonPrefix(0, _random), Address(1, port), Instant.Zero);
        }

        Assert.Equal(8, shared.Count);
    }

    [Fact]
    public void OneAddress_CannotFillABucketByTakingOverFailingIds()
    {
        NodeId[] ids = [.. Enumerable.Range(0, 8).Select(_ => InBucket(0))];
        for (uint i = 0; i < 8; i++)
        {
            _table.Insert(ids[i], Address(i), Instant.Zero);
        }

        for (uint i = 0; i < 7; i++)
        {
            _table.MarkFailed(ids[i], Address(i));
            _table.Insert(ids[i], Address(7, (ushort)(1 + i)), Instant.Zero);
        }

        Assert.Equal(
            1, Closest(_table, _table.Self, default, 8).Count(node => node.Endpoint.HasSameAddress(Address(7))));
    }

    [Fact]
    public void OneAddress_CannotFillTheCache()
    {
        NodeId[] ids = FillBucket(0, 8);
        for (ushort i = 1; i <= 8; i++)
        {
            _table.Insert(InBucket(0), Address(100, i), Instant.Zero);
        }

        Assert.False(_table.Wants(InBucket(0), Address(100, 50)));
        Fail(ids[0], Address(0), 2);
        Fail(ids[1], Address(1), 2);
        Assert.Equal(7, _table.Count);
    }

    [Fact]
    public void AKnownIdFromElsewhere_DoesNotMoveWhileItsPlaceIsGood()
    {
        NodeId id = InBucket(3);
        _table.Insert(id, Address(1), Instant.Zero);
        Assert.False(_table.Insert(id, Address(2), Instant.Zero));
        Assert.Equal(Address(1), Assert.Single(Closest(_table, id, default, 8)).Endpoint);
        _table.MarkFailed(id, Address(1));
        Assert.True(_table.Insert(id, Address(2), Instant.Zero));
        Assert.Equal(Address(2), Assert.Single(Closest(_table, id, default, 8)).Endpoint);
        _table.MarkFailed(id, Address(2));
        Assert.True(_table.Insert(id, Address(2, 99), Instant.Zero));
        Assert.Equal(Address(2, 99), Assert.Single(Closest(_table, id, default, 8)).Endpoint);
    }

    [Fact]
    public void ADeadContact_IsReplacedFromTheCache()
    {
        NodeId[] ids = FillBucket(0, 8);
        NodeId older = InBucket(0);
        NodeId newer = InBucket(0);
        Assert.False(_table.Insert(older, Address(50), Instant.Zero));
        Assert.False(_table.Insert(newer, Address(51), Instant.Zero));
        Assert.Equal(8, _table.Count);
        Fail(ids[3], Address(3), 1);
        Assert.Equal(8, _table.Count);
        Assert.Contains(Closest(_table, ids[3], default, 8), node => node.Id == ids[3]);
        Fail(ids[3], Address(3), 1);
        List<CompactNode> now = Closest(_table, ids[3], default, 8);
        Assert.Equal(8, now.Count);
        Assert.DoesNotContain(now, node => node.Id == ids[3]);
        Assert.Contains(now, node => node.Id == newer);
        Fail(ids[4], Address(4), 2);
        Assert.Contains(Closest(_table, older, default, 8), node => node.Id == older);
        Fail(ids[5], Address(5), 2);
        Assert.Equal(7, _table.Count);
    }

    [Fact]
    public void AFailureFromAnotherEndpoint_DoesNotCount()
    {
        NodeId[] ids = FillBucket(0, 8);
        Fail(ids[0], Address(0, 7), 10);
        Fail(ids[0], Address(1), 10);
        Assert.Equal(8, _table.Count);
    }

    [Fact]
    public void AnAnswer_ClearsTheFailures()
    {
        NodeId[] ids = FillBucket(0, 8);
        for (int i = 0; i < 10; i++)
        {
            Fail(ids[0], Address(0), 1);
            Assert.True(_table.Insert(ids[0], Address(0), Instant.Zero));
        }

        Assert.Equal(8, _table.Count);
    }

    [Fact]
    public void AFailingContactInAFullBucket_MakesRoomForANewcomer()
    {
        NodeId[] ids = FillBucket(0, 8);
        Fail(ids[2], Address(2), 1);
        NodeId newcomer = InBucket(0);
        Assert.True(_table.Wants(newcomer, Address(60)));
        Assert.True(_table.Insert(newcomer, Address(60), Instant.Zero));
        List<CompactNode> now = Closest(_table, newcomer, default, 8);
        Assert.Equal(8, now.Count);
        Assert.DoesNotContain(now, node => node.Id == ids[2]);
    }

    [Fact]
    public void AnEmptiedBucket_IsNotSearched()
    {
        NodeId id = InBucket(5);
        _table.Insert(id, Address(1), Instant.Zero);
        Fail(id, Address(1), 2);
        Assert.Equal(0, _table.Count);
        Assert.Empty(Closest(_table, id, default, 8));
        Assert.True(_table.Insert(id, Address(1), Instant.Zero));
        Assert.Single(Closest(_table, _table.Self, default, 8));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 8)]
    [InlineData(8, 0)]
    [InlineData(64, 64)]
    public void EverySizeOfBucketAndCache_Works(int k, int cache)
    {
        KademliaTable table = Table(new RoutingTableOptions { BucketSize = k, CacheSize = cache });
        List<NodeId> ids = [.. Enumerable.Range(0, 200).Select(_ => table.Self.RandomWithCommonPrefix(0, _random))];
        for (int i = 0; i < ids.Count; i++)
        {
            Assert.Equal(i < k, table.Insert(ids[i], Address((uint)i), Instant.Zero));
        }

        Assert.Equal(k, table.Count);
        for (int left = k + cache; left > 0; left--)
        {
            Assert.Equal(Math.Min(k, left), table.Count);
            CompactNode contact = Closest(table, table.Self, default, 1)[0];
            table.MarkFailed(contact.Id, contact.Endpoint);
            table.MarkFailed(contact.Id, contact.Endpoint);
        }

        Assert.Equal(0, table.Count);
    }

    [Theory]
    [InlineData(0, 8, "BucketSize")]
    [InlineData(65, 8, "BucketSize")]
    [InlineData(8, -1, "CacheSize")]
    [InlineData(8, 65, "CacheSize")]
    public void SizesOutOfRange_AreRefusedByName(int k, int cache, string name)
    {
        var thrown = Assert.Throws<ArgumentOutOfRangeException>(() =>
            Table(new RoutingTableOptions { BucketSize = k, CacheSize = cache }));
        Assert.Contains(name, thrown.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new KademliaTable(_table.Self, IpFamily.None));
    }

    [Fact]
    public void Use_AllocatesNothing() => Assert.Equal(0, AllocationGuard.OnThread((_table, _random), static state =>
    {
        for (uint i = 0; i < 5_000; i++)
        {
            NodeId id = NodeId.Random(state._random);
            state._table.Wants(id, Address(i));
            state._table.Insert(id, Address(i), new Instant(i));
            state._table.MarkFailed(id, Address(i));
            state._table.TryGetStale(new Instant(i * 100_000_000L), out _);
            state._table.TryGetRefreshTarget(new Instant(i * 100_000_000L), state._random, out _);
        }
    }));

    private KademliaTable Table(RoutingTableOptions options) => new(NodeId.Random(_random), IpFamily.IPv4, options);

    private NodeId InBucket(int bucket) => _table.Self.RandomWithCommonPrefix(bucket, _random);

    private NodeId[] FillBucket(int bucket, int count)
    {
        NodeId[] ids = [.. Enumerable.Range(0, count).Select(_ => InBucket(bucket))];
        for (uint i = 0; i < count; i++)
        {
            Assert.True(_table.Insert(ids[i], Address(i), Instant.Zero));
        }

        return ids;
    }

    private void Fail(NodeId id, Endpoint endpoint, int times)
    {
        for (int i = 0; i < times; i++)
        {
            _table.MarkFailed(id, endpoint);
        }
    }
}
