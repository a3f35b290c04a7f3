using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Identity;

/// <summary>
/// Node id tools: hex in and out; distances of 0 to 160 bits. Counted from the near end, as the older library did, an
/// id at distance d belongs in bucket d - 1. Our buckets are counted from the far end, by the leading bits that an id
/// shares with ours, so the same bucket has the index 160 - d here. Distance 0 is our own id: an error or a refusal,
/// never a crash.
/// </summary>
public sealed class NodeIdToolsTests
{
    private readonly SeededRandomSource _random = new(47);

    [Fact]
    public void Hex_GoesInAndOut()
    {
        const string hex = "0123456789abcdef0123456789abcdef01234567";
        Assert.Equal(hex, NodeId.Parse(hex).ToString());
        Assert.Equal(NodeId.Parse(hex), NodeId.Parse(hex.ToUpperInvariant()));
        for (int i = 0; i < 1_000; i++)
        {
            NodeId id = NodeId.Random(_random);
            Assert.Equal(id, NodeId.Parse(id.ToString()));
        }

        foreach (string wrong in new[] { "", hex[1..], hex + "0", hex[1..] + "g", hex[1..] + " ", "0x" + hex[2..] })
        {
            Assert.False(NodeId.TryParse(wrong, out _), wrong);
            Assert.Throws<FormatException>(() => NodeId.Parse(wrong));
        }
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void AnIdAtEveryDistance_FallsInItsBucket(RoutingTableKind kind)
    {
        NodeId self = NodeId.Random(_random);
        var table = (BucketTable)RoutingTables.Create(kind, self, IpFamily.IPv4);
        for (int distance = 1; distance <= 160; distance++)
        {
            NodeId id = self.RandomAtDistance(distance, _random);
            Assert.Equal(distance, self.DistanceTo(id).BitLength);
            Assert.Equal(distance, id.DistanceTo(self).BitLength);
            Assert.Equal(160 - distance, self.CommonPrefixLength(id));
            Assert.True(
                table.Insert(id, TestEndpoints.Public(IpFamily.IPv4, distance), Instant.Zero), $"distance {distance}");
            if (kind == RoutingTableKind.Kademlia)
            {
                int fromTheNearEnd = table.BucketCount - 1 - table.BucketOf(id);
                Assert.Equal(distance - 1, fromTheNearEnd);
            }
            else
            {
                Assert.Equal(Math.Min(160 - distance, table.BucketCount - 1), table.BucketOf(id));
            }
        }

        Assert.Equal(160, table.Count);
    }

    [Fact]
    public void DistanceZero_IsAnErrorAndNoCrash()
    {
        NodeId self = NodeId.Random(_random);
        Assert.Equal(0, self.DistanceTo(self).BitLength);
        Assert.Throws<ArgumentOutOfRangeException>(() => self.RandomAtDistance(0, _random));
        Assert.Throws<ArgumentOutOfRangeException>(() => self.RandomAtDistance(161, _random));
        foreach (RoutingTableKind kind in Enum.GetValues<RoutingTableKind>())
        {
            var table = (BucketTable)RoutingTables.Create(kind, self, IpFamily.IPv4);
            Assert.Equal(-1, table.BucketOf(self));
            Assert.False(table.Wants(self, TestEndpoints.Public(IpFamily.IPv4, 1)));
            Assert.False(table.Insert(self, TestEndpoints.Public(IpFamily.IPv4, 1), Instant.Zero));
            table.MarkFailed(self, TestEndpoints.Public(IpFamily.IPv4, 1));
            table.MarkHeard(self, TestEndpoints.Public(IpFamily.IPv4, 1), Instant.Zero);
            Assert.Equal(0, table.Count);
        }
    }
}
