using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Testing.Swarm;

namespace Dht.Engine.Tests.Testing;

public sealed class SwarmContactsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(700)]
    [InlineData(3000)]
    public void NearTargets_TrueClosestOfAll(int nodes)
    {
        var bench = new SwarmBench(nodes, seed: (ulong)nodes);
        var random = new SeededRandomSource(7);
        NodeId[] ids = IdsOf(bench.Population);
        int near = 0;
        for (int round = 0; round < 300; round++)
        {
            int node = random.Next(nodes);
            int shared = round % 3 == 0 ? NodeId.Bits : random.Next(24);
            NodeId target = ids[node].RandomWithCommonPrefix(shared, random);
            if (BucketOf(ids, node, target).Count > 8)
            {
                continue;
            }

            near++;
            Assert.Equal(Closest(ids, node, target, 8), bench.ContactsOf(node, target));
        }

        Assert.True(near > 50);
    }

    [Fact]
    public void FarTargets_FixedChoiceInsideTheBucket()
    {
        var bench = new SwarmBench(2000);
        var random = new SeededRandomSource(8);
        NodeId[] ids = IdsOf(bench.Population);
        int far = 0;
        for (int round = 0; round < 300; round++)
        {
            int node = random.Next(ids.Length);
            int shared = random.Next(7);
            NodeId target = ids[node].RandomWithCommonPrefix(shared, random);
            HashSet<int> bucket = BucketOf(ids, node, target);
            if (bucket.Count <= 8)
            {
                continue;
            }

            far++;
            int[] contacts = bench.ContactsOf(node, target);
            Assert.Equal(8, contacts.Distinct().Count());
            Assert.Subset(bucket, contacts.ToHashSet());
            Assert.Equal(contacts.Order(Nearest(ids, target)), contacts);

            int[] again = bench.ContactsOf(node, ids[node].RandomWithCommonPrefix(shared, random));
            Assert.Equal(contacts.Order(), again.Order());
        }

        Assert.True(far > 150);
    }

    [Fact]
    public void FarTargets_NodesKnowDifferentContacts()
    {
        var bench = new SwarmBench(5000);
        NodeId target = bench.Population.IdOf(0);
        int[] far =
            [
                .. Enumerable.Range(1, 4999)
                    .Where(i => bench.Population.IdOf(i).CommonPrefixLength(target) == 0).Take(100),
            ];

        int met = far.SelectMany(i => bench.ContactsOf(i, target)).Distinct().Count();

        Assert.True(met > 500, $"{met} nodes met");
    }

    [Fact]
    public void EveryNodeIsHandedOut()
    {
        var bench = new SwarmBench(5000);
        var random = new SeededRandomSource(3);
        var met = new HashSet<int>();
        for (int node = 0; node < 5000; node++)
        {
            met.UnionWith(bench.ContactsOf(node, bench.Population.IdOf(node)));
            met.UnionWith(bench.ContactsOf(node, NodeId.Random(random)));
        }

        Assert.True(met.Count >= 4995, $"{met.Count} nodes met");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(32)]
    public void OtherBucketSizes_AsManyContacts(int contacts)
    {
        var bench = new SwarmBench(1000, contacts: contacts);
        var random = new SeededRandomSource(4);
        NodeId[] ids = IdsOf(bench.Population);

        Assert.Equal(contacts, bench.ContactsOf(5, NodeId.Random(random)).Distinct().Count());
        Assert.Equal(Closest(ids, 5, ids[5], contacts), bench.ContactsOf(5, ids[5]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Index_RangesHoldThoseWhoShareTheBits(int nodes)
    {
        var population = new SwarmPopulation(nodes, 5, 0, 0);
        var index = new SwarmIndex(population);
        ulong[] sorted = [.. Enumerable.Range(0, nodes).Select(population.PrefixOf).Order()];
        Assert.Equal(sorted, Enumerable.Range(0, nodes).Select(index.PrefixAt));
        Assert.All(
            Enumerable.Range(0, nodes),
            rank => Assert.Equal(index.PrefixAt(rank), population.PrefixOf(index.NodeAt(rank))));

        foreach (ulong key in (ulong[])[0, ulong.MaxValue, sorted[0], sorted[^1], sorted[nodes / 2] + 1])
        {
            for (int bits = 0; bits <= 64; bits++)
            {
                index.Range(key, bits, out int first, out int end);
                int count = sorted.Count(p => bits == 0 || (p ^ key) >> (64 - bits) == 0);
                Assert.Equal(count, end - first);
                Assert.True(count == 0 || bits == 0 || (sorted[first] ^ key) >> (64 - bits) == 0);
            }
        }
    }

    private static NodeId[] IdsOf(SwarmPopulation population) =>
        [.. Enumerable.Range(0, population.Count).Select(population.IdOf)];

    /// <summary>The nodes that share one bit more with the target than a node does.</summary>
    private static HashSet<int> BucketOf(NodeId[] ids, int node, NodeId target)
    {
        int shared = ids[node].CommonPrefixLength(target);
        return [.. Enumerable.Range(0, ids.Length).Where(i => ids[i].CommonPrefixLength(target) > shared)];
    }

    private static int[] Closest(NodeId[] ids, int node, NodeId target, int count) =>
        [.. Enumerable.Range(0, ids.Length).Where(i => i != node).Order(Nearest(ids, target)).Take(count)];

    private static Comparer<int> Nearest(NodeId[] ids, NodeId target) =>
        Comparer<int>.Create((left, right) => NodeId.CompareDistance(target, ids[left], ids[right]));
}
