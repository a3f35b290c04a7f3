using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;

namespace Dht.Engine.Tests.Routing;

public sealed class RoutingTablesTests
{
    [Theory]
    [InlineData("Kademlia", RoutingTableKind.Kademlia)]
    [InlineData("kademlia", RoutingTableKind.Kademlia)]
    [InlineData("MainLine", RoutingTableKind.Mainline)]
    [InlineData("Mainline", RoutingTableKind.Mainline)]
    [InlineData("MAINLINE", RoutingTableKind.Mainline)]
    public void Names_AreReadInAnyCase(string name, RoutingTableKind expected)
    {
        Assert.Equal(expected, RoutingTables.ParseKind(name));
        Assert.True(RoutingTables.TryParseKind(name, out RoutingTableKind kind));
        Assert.Equal(expected, kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("Kademlia,Mainline")]
    [InlineData(" Kademlia")]
    [InlineData("chord")]
    public void OtherNames_AreRefusedWithTheChoices(string name)
    {
        Assert.False(RoutingTables.TryParseKind(name, out _));
        var thrown = Assert.Throws<ArgumentException>(() => RoutingTables.ParseKind(name));
        Assert.Contains($"'{name}'", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("Kademlia", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("MainLine", thrown.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => RoutingTables.ParseKind(null!));
    }

    [Fact]
    public void Create_MakesTheTableOfTheKind()
    {
        var self = NodeId.Random(new SeededRandomSource(1));
        IRoutingTable kademlia = RoutingTables.Create(RoutingTableKind.Kademlia, self, IpFamily.IPv6);
        IRoutingTable mainline = RoutingTables.Create(
            RoutingTableKind.Mainline, self, IpFamily.IPv4, random: new SeededRandomSource(2));
        Assert.Equal(
            (self, IpFamily.IPv6, 160),
            (kademlia.Self, kademlia.Family, Assert.IsType<KademliaTable>(kademlia).BucketCount));
        Assert.Equal(
            (self, IpFamily.IPv4, 1),
            (mainline.Self, mainline.Family, Assert.IsType<MainlineTable>(mainline).BucketCount));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => RoutingTables.Create((RoutingTableKind)7, self, IpFamily.IPv4));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => RoutingTables.Create(RoutingTableKind.Mainline, self, IpFamily.None));
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void OptionsOutOfRange_AreRefusedWithWhatToDo(RoutingTableKind kind)
    {
        Refused(new RoutingTableOptions { BucketSize = 0 }, "BucketSize must be 1 to 64");
        Refused(new RoutingTableOptions { BucketSize = 65 }, "BucketSize must be 1 to 64");
        Refused(new RoutingTableOptions { CacheSize = -1 }, "CacheSize must be 0 (no cache) to 64");
        Refused(new RoutingTableOptions { CacheSize = 65 }, "CacheSize must be 0 (no cache) to 64");
        Refused(new RoutingTableOptions { StaleAfter = TimeSpan.Zero }, "StaleAfter must be longer than zero");
        Refused(new RoutingTableOptions { FailuresAllowed = -1 }, "FailuresAllowed must be 0 or more");

        void Refused(RoutingTableOptions options, string expected)
        {
            var thrown = Assert.Throws<ArgumentOutOfRangeException>(
                () => RoutingTables.Create(kind, default, IpFamily.IPv4, options));
            Assert.StartsWith(expected, thrown.Message, StringComparison.Ordinal);
        }
    }
}
