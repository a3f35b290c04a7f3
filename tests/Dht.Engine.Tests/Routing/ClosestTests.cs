using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Routing;

public sealed class ClosestTests
{
    [Theory]
    [InlineData(RoutingTableKind.Kademlia, 1, IpFamily.IPv4, 8, 8)]
    [InlineData(RoutingTableKind.Kademlia, 2, IpFamily.IPv6, 8, 16)]
    [InlineData(RoutingTableKind.Kademlia, 3, IpFamily.IPv4, 1, 8)]
    [InlineData(RoutingTableKind.Kademlia, 4, IpFamily.IPv4, 64, 64)]
    [InlineData(RoutingTableKind.Kademlia, 5, IpFamily.IPv4, 8, 1)]
    [InlineData(RoutingTableKind.Mainline, 1, IpFamily.IPv4, 8, 8)]
    [InlineData(RoutingTableKind.Mainline, 2, IpFamily.IPv6, 8, 16)]
    [InlineData(RoutingTableKind.Mainline, 3, IpFamily.IPv4, 1, 8)]
    [InlineData(RoutingTableKind.Mainline, 4, IpFamily.IPv6, 64, 64)]
    [InlineData(RoutingTableKind.Mainline, 5, IpFamily.IPv4, 8, 1)]
    public void Closest_EqualsBruteForce(RoutingTableKind tableKind, int seed, IpFamily family, int k, int wanted)
    {
        var random = new SeededRandomSource((ulong)seed);
        BucketTable table = TableFill.Make(
            tableKind, NodeId.Random(random), family, new RoutingTableOptions { BucketSize = k });
        List<CompactNode> held = TableFill.Random(table, 10_000, random, Instant.Zero);
        Assert.Equal(held.Count, table.Count);
        for (int round = 0; round < 2_000; round++)
        {
            NodeId target = (round % 4) switch
            {
                0 => NodeId.Random(random),
                1 => table.Self.RandomAtDistance(1 + (round / 4 % NodeId.Bits), random),
                2 => held[random.Next(held.Count)].Id,
                _ => held[random.Next(held.Count)].Id.RandomAtDistance(1 + random.Next(8), random),
            };
            NodeId except = round % 3 == 0 ? held[random.Next(held.Count)].Id : target;
            List<CompactNode> expected = TableFill.BruteForce(held, target, except, wanted);
            List<CompactNode> found = TableFill.Closest(table, target, except, wanted);
            Assert.True(expected.SequenceEqual(found), $"seed {seed}, round {round}");
        }

        Assert.Equal(
            TableFill.BruteForce(held, table.Self, default, wanted),
            TableFill.Closest(table, table.Self, default, wanted));
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void FewContacts_AreAllFoundFromEverywhere(RoutingTableKind kind)
    {
        var random = new SeededRandomSource(9);
        for (int count = 0; count < 20; count++)
        {
            BucketTable table = TableFill.Make(kind, NodeId.Random(random));
            List<CompactNode> held = TableFill.Random(table, count, random, Instant.Zero);
            for (int distance = 1; distance <= NodeId.Bits; distance++)
            {
                NodeId target = table.Self.RandomAtDistance(distance, random);
                Assert.Equal(
                    TableFill.BruteForce(held, target, default, 8), TableFill.Closest(table, target, default, 8));
            }
        }
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void TheExceptedContact_MakesRoomForTheNext(RoutingTableKind kind)
    {
        var random = new SeededRandomSource(10);
        BucketTable table = TableFill.Make(kind, NodeId.Random(random));
        List<CompactNode> held = TableFill.Random(table, 500, random, Instant.Zero);
        foreach (CompactNode node in held)
        {
            List<CompactNode> found = TableFill.Closest(table, node.Id, node.Id, 8);
            Assert.Equal(TableFill.BruteForce(held, node.Id, node.Id, 8), found);
            Assert.DoesNotContain(node, found);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(25, 0)]
    [InlineData(26, 26)]
    [InlineData(51, 26)]
    [InlineData(77, 52)]
    public void ASmallDestination_TakesWhatFits(int room, int expected)
    {
        var random = new SeededRandomSource(11);
        var table = new KademliaTable(NodeId.Random(random), IpFamily.IPv4);
        TableFill.Random(table, 100, random, Instant.Zero);
        Assert.Equal(expected, table.CopyClosest(NodeId.Random(random), default, new byte[room]));
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void ALargeDestination_TakesAtMost64(RoutingTableKind kind)
    {
        var random = new SeededRandomSource(12);
        BucketTable table = TableFill.Make(kind, NodeId.Random(random));
        List<CompactNode> held = TableFill.Random(table, 1_000, random, Instant.Zero);
        Assert.True(held.Count > 64);
        Assert.Equal(
            TableFill.BruteForce(held, table.Self, default, 64), TableFill.Closest(table, table.Self, default, 200));
    }
}
