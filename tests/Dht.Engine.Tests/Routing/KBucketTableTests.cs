using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Routing;

/// <summary>
/// K-bucket table: 160 buckets; k and the size of the cache are settings, 8 each by default; a dead contact is
/// replaced from the cache; the nearest are what brute force finds, over 10,000 random ids; one IP address cannot
/// fill a bucket.
/// </summary>
public sealed class KBucketTableTests
{
    private readonly SeededRandomSource _random = new(41);

    [Fact]
    public void ThereAre160Buckets_AndEachTakesK()
    {
        Assert.Equal((8, 8), (new RoutingTableOptions().BucketSize, new RoutingTableOptions().CacheSize));
        KademliaTable table = Make(new RoutingTableOptions());
        Assert.Equal(160, table.BucketCount);
        int number = 0;
        for (int bucket = 0; bucket < 160; bucket++)
        {
            // Of the nearest few there are fewer ids than places.
            int possible = (int)Math.Min(8, Math.Pow(2, 159 - bucket));
            var ids = new HashSet<NodeId>();
            while (ids.Count < possible)
            {
                NodeId id = table.Self.RandomWithCommonPrefix(bucket, _random);
                Assert.Equal(bucket, table.BucketOf(id));
                Assert.True(
                    !ids.Add(id) || table.Insert(id, TestEndpoints.Public(IpFamily.IPv4, number++), Instant.Zero));
            }
        }

        Assert.Equal((157 * 8) + 4 + 2 + 1, table.Count);
        Assert.Equal(160, table.BucketCount);
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(20, 3)]
    [InlineData(1, 0)]
    [InlineData(2, 64)]
    public void ADeadContact_IsReplacedFromTheCache(int k, int cacheSize)
    {
        KademliaTable table = Make(new RoutingTableOptions { BucketSize = k, CacheSize = cacheSize });
        var nodes = new List<CompactNode>();
        for (int i = 0; i < k + cacheSize + 5; i++)
        {
            nodes.Add(
                new CompactNode(table.Self.RandomWithCommonPrefix(0, _random), TestEndpoints.Public(IpFamily.IPv4, i)));
            Assert.Equal(i < k, table.Insert(nodes[i].Id, nodes[i].Endpoint, Instant.Zero));
        }

        Assert.Equal(nodes[..k].ToHashSet(), Held(table));
        for (int dead = 0; dead < k; dead++)
        {
            table.MarkFailed(nodes[dead].Id, nodes[dead].Endpoint);
            Assert.Contains(nodes[dead], Held(table));
            table.MarkFailed(nodes[dead].Id, nodes[dead].Endpoint);
            HashSet<CompactNode> held = Held(table);
            Assert.DoesNotContain(nodes[dead], held);
            Assert.Equal(k - Math.Max(0, dead + 1 - cacheSize), held.Count);
            Assert.Equal(Math.Min(dead + 1, cacheSize), held.Except(nodes[..k]).Count());
            Assert.Subset(nodes.ToHashSet(), held);
        }
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void TheNearest_AreThoseOfBruteForce(IpFamily family)
    {
        var table = new KademliaTable(NodeId.Random(_random), family);
        for (int i = 0; i < 10_000; i++)
        {
            table.Insert(NodeId.Random(_random), TestEndpoints.Public(family, i), Instant.Zero);
        }

        List<CompactNode> held = [.. Held(table)];
        Assert.InRange(held.Count, 60, 160);
        Assert.Equal(held.Count, table.Count);
        for (int i = 0; i < 10_000; i++)
        {
            NodeId target = i % 4 == 0 ? held[i % held.Count].Id : NodeId.Random(_random);
            NodeId except = i % 3 == 0 ? held[i / 3 % held.Count].Id : default;
            Assert.True(
                TableFill.BruteForce(held, target, except, 8).SequenceEqual(
                    TableFill.Closest(table, target, except, 8)),
                $"seed 41, target {i}: {target}");
        }
    }

    [Fact]
    public void OneAddress_CannotFillABucket()
    {
        KademliaTable table = Make(new RoutingTableOptions());
        for (ushort port = 1; port <= 1_000; port++)
        {
            table.Insert(
                table.Self.RandomWithCommonPrefix(port % 8, _random),
                TestEndpoints.Public(IpFamily.IPv4, 1, port),
                Instant.Zero);
        }

        Assert.Equal(1, table.Count);
        for (int i = 2; i < 9; i++)
        {
            NodeId id = table.Self.RandomWithCommonPrefix(1, _random);
            Assert.True(table.Insert(id, TestEndpoints.Public(IpFamily.IPv4, i), Instant.Zero));
        }
    }

    private KademliaTable Make(RoutingTableOptions options) => new(NodeId.Random(_random), IpFamily.IPv4, options);

    private static HashSet<CompactNode> Held(IRoutingTable table) =>
        [
            .. TableFill.Walk(table, Instant.Zero)
                .Select(static contact => new CompactNode(contact.Id, contact.Endpoint)),
        ];
}
