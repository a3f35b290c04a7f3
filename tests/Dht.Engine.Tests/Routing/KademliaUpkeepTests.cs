using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Timing;
using static Dht.Engine.Tests.Routing.TableFill;

namespace Dht.Engine.Tests.Routing;

public sealed class KademliaUpkeepTests
{
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(15);

    private readonly SeededRandomSource _random = new(31);
    private readonly KademliaTable _table;

    public KademliaUpkeepTests() => _table = new KademliaTable(NodeId.Random(_random), IpFamily.IPv4);

    [Fact]
    public void AnEmptyTable_WantsNothing()
    {
        Instant late = Instant.Zero + TimeSpan.FromDays(1);
        Assert.False(_table.TryGetRefreshTarget(late, _random, out _));
        Assert.False(_table.TryGetStale(late, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(158)]
    [InlineData(159)]
    public void RefreshTargets_FallInsideEachBucketUpToTheDeepest(int deepest)
    {
        _table.Insert(_table.Self.RandomWithCommonPrefix(deepest, _random), Address(1), Instant.Zero);
        RefreshAll(Instant.Zero, deepest);
        Assert.False(_table.TryGetRefreshTarget(Instant.Zero + StaleAfter - TimeSpan.FromTicks(1), _random, out _));
        Instant now = Instant.Zero + StaleAfter;
        RefreshAll(now, deepest);
        Assert.False(_table.TryGetRefreshTarget(now, _random, out _));
        Assert.True(_table.TryGetRefreshTarget(now + StaleAfter, _random, out NodeId again));
        Assert.Equal(0, _table.BucketOf(again));
    }

    private void RefreshAll(Instant now, int deepest)
    {
        for (int bucket = 0; bucket <= Math.Min(deepest + 1, 159); bucket++)
        {
            Assert.True(_table.TryGetRefreshTarget(now, _random, out NodeId target));
            Assert.Equal(bucket, _table.BucketOf(target));
        }
    }

    [Fact]
    public void ABucketThatWasHeardFrom_IsNotRefreshed()
    {
        NodeId id = _table.Self.RandomWithCommonPrefix(0, _random);
        _table.Insert(id, Address(1), Instant.Zero);
        RefreshAll(Instant.Zero, 0);
        Instant now = Instant.Zero + StaleAfter;
        _table.Insert(id, Address(1), now);
        Assert.True(_table.TryGetRefreshTarget(now, _random, out NodeId target));
        Assert.Equal(1, _table.BucketOf(target));
    }

    [Fact]
    public void StaleContacts_AreOfferedOnceEach()
    {
        List<CompactNode> held = Random(_table, 300, _random, Instant.Zero);
        Assert.False(_table.TryGetStale(Instant.Zero + StaleAfter - TimeSpan.FromTicks(1), out _));
        Instant now = Instant.Zero + StaleAfter;
        var offered = new HashSet<CompactNode>();
        while (_table.TryGetStale(now, out CompactNode contact))
        {
            Assert.True(offered.Add(contact));
        }

        Assert.True(offered.SetEquals(held));
    }

    [Fact]
    public void AFailingContact_IsOfferedAgainSoon()
    {
        NodeId id = _table.Self.RandomWithCommonPrefix(0, _random);
        _table.Insert(id, Address(1), Instant.Zero);
        _table.MarkFailed(id, Address(1));
        Assert.False(_table.TryGetStale(Instant.Zero + TimeSpan.FromSeconds(29), out _));
        Assert.True(_table.TryGetStale(Instant.Zero + TimeSpan.FromSeconds(30), out CompactNode contact));
        Assert.Equal(id, contact.Id);
        Assert.False(_table.TryGetStale(Instant.Zero + TimeSpan.FromSeconds(31), out _));
    }

    [Fact]
    public void AContactFromTheCache_KeepsItsAge()
    {
        NodeId[] ids = [.. Enumerable.Range(0, 9).Select(_ => _table.Self.RandomWithCommonPrefix(0, _random))];
        for (uint i = 0; i < 9; i++)
        {
            Assert.Equal(i < 8, _table.Insert(ids[i], Address(i), Instant.Zero));
        }

        _table.MarkFailed(ids[0], Address(0));
        _table.MarkFailed(ids[0], Address(0));
        for (uint i = 1; i < 8; i++)
        {
            _table.Insert(ids[i], Address(i), Instant.Zero + StaleAfter);
        }

        Assert.True(_table.TryGetStale(Instant.Zero + StaleAfter, out CompactNode contact));
        Assert.Equal(ids[8], contact.Id);
    }
}
