using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Timing;
using static Dht.Engine.Tests.Routing.TableFill;

namespace Dht.Engine.Tests.Routing;

public sealed class KademliaSiteTests
{
    private const int Buckets = 12;
    private const int Networks = 12;
    private const int SitesPerNetwork = 4;

    private readonly SeededRandomSource _random = new(41);
    private readonly KademliaTable _table;

    public KademliaSiteTests() => _table = new KademliaTable(NodeId.Random(_random), IpFamily.IPv4);

    [Fact]
    public void OneAddress_HoldsOnePlaceInTheWholeTable()
    {
        for (int bucket = 0; bucket < NodeId.Bits; bucket++)
        {
            NodeId id = _table.Self.RandomWithCommonPrefix(bucket, _random);
            Assert.Equal(bucket == 0, _table.Wants(id, Address(1, (ushort)(1 + bucket))));
            Assert.Equal(bucket == 0, _table.Insert(id, Address(1, (ushort)(1 + bucket)), Instant.Zero));
        }

        Assert.Single(Closest(_table, _table.Self, default, 8));
    }

    [Fact]
    public void OneIPv6Slash64_HoldsOnePlaceInTheWholeTable()
    {
        var table = new KademliaTable(_table.Self, IpFamily.IPv6);
        for (int bucket = 0; bucket < NodeId.Bits; bucket++)
        {
            NodeId id = table.Self.RandomWithCommonPrefix(bucket, _random);
            table.Insert(id, Endpoint.FromIPv6(0x2001_4860_0000_0000, (ulong)bucket, 6881), Instant.Zero);
        }

        Assert.Equal(1, table.Count);
    }

    [Theory]
    [InlineData("8.8.8.", "8.8.9.1:1")]
    [InlineData("[2001:4860:0:", "[2001:4860:0:100::1]:1")]
    public void OneNetwork_HoldsTwoPlacesInABucket(string network, string other)
    {
        var outside = Endpoint.Parse(other);
        var table = new KademliaTable(_table.Self, outside.Family);
        for (int i = 1; i <= 8; i++)
        {
            var endpoint = Endpoint.Parse(outside.IsIPv4 ? $"{network}{i}:1" : $"{network}{i}::1]:1");
            Assert.Equal(i <= 2, table.Wants(table.Self.RandomWithCommonPrefix(0, _random), endpoint));
            Assert.Equal(i <= 2, table.Insert(table.Self.RandomWithCommonPrefix(0, _random), endpoint, Instant.Zero));
        }

        Assert.True(table.Insert(table.Self.RandomWithCommonPrefix(0, _random), outside, Instant.Zero));
        Assert.Equal(3, table.Count);
    }

    [Fact]
    public void AnAddressThatLeaves_MayComeAgainElsewhere()
    {
        NodeId id = _table.Self.RandomWithCommonPrefix(3, _random);
        NodeId next = _table.Self.RandomWithCommonPrefix(90, _random);
        _table.Insert(id, Address(1), Instant.Zero);
        _table.MarkFailed(id, Address(1));
        Assert.False(_table.Wants(next, Address(1)));
        Assert.True(_table.Insert(id, Address(2), Instant.Zero));
        Assert.True(_table.Wants(next, Address(1)));
        Assert.False(_table.Wants(next, Address(2)));
        _table.MarkFailed(id, Address(2));
        _table.MarkFailed(id, Address(2));
        Assert.True(_table.Insert(next, Address(2), Instant.Zero));
    }

    [Theory]
    [InlineData(1, IpFamily.IPv4, 8, 8)]
    [InlineData(2, IpFamily.IPv6, 8, 8)]
    [InlineData(3, IpFamily.IPv4, 2, 4)]
    [InlineData(4, IpFamily.IPv4, 3, 0)]
    public void RandomUse_AgreesWithANaiveRecount(int seed, IpFamily family, int k, int cache)
    {
        var random = new SeededRandomSource((ulong)seed);
        var table = new KademliaTable(
            NodeId.Random(random), family, new RoutingTableOptions { BucketSize = k, CacheSize = cache });
        NodeId[] ids =
            [.. Enumerable.Range(0, 200).Select(i => table.Self.RandomWithCommonPrefix(i % Buckets, random))];
        for (int step = 0; step < 5_000; step++)
        {
            string where = $"seed {seed}, step {step}";
            NodeId id = ids[random.Next(ids.Length)];
            Endpoint site = Site(family, random.Next(Networks), random.Next(SitesPerNetwork));
            Endpoint endpoint = site.WithPort((ushort)(1 + random.Next(3)));
            List<CompactNode> held = Held(table);
            if (held.Count > 0 && random.Next(2) == 0)
            {
                CompactNode victim = held[random.Next(held.Count)];
                table.MarkFailed(victim.Id, victim.Endpoint);
            }

            bool wanted = table.Wants(id, endpoint);
            held = Held(table);
            bool known = held.Any(node => node.Id == id);
            bool isFree = IsFree(table, held, id, endpoint, k);
            Assert.True(!wanted || (isFree && !known), where);
            Assert.True(wanted || known || !isFree || InBucketOf(table, held, id).Count() == k, where);
            bool entered = table.Insert(id, endpoint, Instant.Zero);
            Assert.True(!entered || known || isFree, where);
            CheckPlaces(table, where, k);
        }
    }

    [Fact]
    public void OneNetwork_HoldsTwoPlacesNextToUs_HoweverManyBucketsAreEmptyThere()
    {
        for (int i = 0; i < 8 * 8; i++)
        {
            _table.Insert(
                _table.Self.RandomWithCommonPrefix(i % 8, _random),
                Endpoint.FromIPv4(0x08000000 + ((uint)i << 8), 1),
                Instant.Zero);
        }

        int entered = 0;
        for (int bucket = 8; bucket < NodeId.Bits; bucket++)
        {
            Endpoint crafted = Endpoint.FromIPv4(0x09090900 + (uint)bucket, 1);
            entered += _table.Insert(_table.Self.RandomWithCommonPrefix(bucket, _random), crafted, Instant.Zero)
                ? 1
                : 0;
        }

        Assert.Equal((2, 66), (entered, _table.Count));
    }

    /// <summary>
    /// No site twice, no network more than twice in a bucket, and the sites that the table takes for held are those
    /// held.
    /// </summary>
    private void CheckPlaces(KademliaTable table, string where, int k)
    {
        List<CompactNode> held = Held(table);
        Assert.True(held.Count == table.Count, where);
        for (int i = 0; i < held.Count; i++)
        {
            CompactNode one = held[i];
            Assert.True(held.Count(node => node.Endpoint.HasSameSite(one.Endpoint)) == 1, where);
            Assert.True(
                InBucketOf(table, held, one.Id).Count(node => node.Endpoint.HasSameNetwork(one.Endpoint)) <= 2, where);
        }

        NodeId deep = table.Self.RandomWithCommonPrefix(100, _random);
        for (int i = 0; i < Networks * SitesPerNetwork; i++)
        {
            Endpoint site = Site(table.Family, i / SitesPerNetwork, i % SitesPerNetwork);
            Assert.True(table.Wants(deep, site) == IsFree(table, held, deep, site, k), where);
        }
    }

    private static bool IsFree(KademliaTable table, List<CompactNode> held, NodeId id, Endpoint endpoint, int k)
    {
        // The buckets from the first with room on count as one.
        int home = Enumerable.Range(0, NodeId.Bits).First(
            bucket => held.Count(node => table.BucketOf(node.Id) == bucket) < k);
        return !held.Any(node => node.Endpoint.HasSameSite(endpoint))
            && held.Count(node => Math.Min(home, table.BucketOf(node.Id)) == Math.Min(home, table.BucketOf(id))
                && node.Endpoint.HasSameNetwork(endpoint)) < 2;
    }

    private static IEnumerable<CompactNode> InBucketOf(KademliaTable table, List<CompactNode> held, NodeId id) =>
        held.Where(node => table.BucketOf(node.Id) == table.BucketOf(id));

    private static Endpoint Site(IpFamily family, int network, int site) => family == IpFamily.IPv4
        ? Endpoint.FromIPv4(0x08000000 + ((uint)network << 8) + (uint)site, 6881)
        : Endpoint.FromIPv6(0x2001_4860_0000_0000 + ((ulong)network << 32) + (ulong)site, 1, 6881);

    private List<CompactNode> Held(KademliaTable table)
    {
        var held = new List<CompactNode>();
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            List<CompactNode> near = Closest(table, table.Self.RandomWithCommonPrefix(bucket, _random), default, 8);
            held.AddRange(near.Where(node => table.BucketOf(node.Id) == bucket));
        }

        return held;
    }
}
