using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

public sealed class NodeTableTests
{
    [Fact]
    public void ATableOfTheUser_SeesInsertsAndClosestCalls()
    {
        var own = new RecordingTable(IpFamily.IPv4);
        var node = new NodeHarness(new NodeOptions { Tables = [own] });
        Assert.Same(own, node.Node.Table(IpFamily.IPv4));
        Assert.IsType<KademliaTable>(node.Node.Table(IpFamily.IPv6));
        Assert.Equal((node.Node.Id, 1), (own.Self, own.Rebases));
        var id = NodeId.Random(new SeededRandomSource(5));
        node.Introduce(id, Endpoint.Parse("9.9.9.9:1"));
        Assert.Equal(new CompactNode(id, Endpoint.Parse("9.9.9.9:1")), Assert.Single(own.Inserted));
        int before = own.ClosestCalls;
        byte[] wire = new byte[CompactNode.SizeIPv4];
        own.Inserted[0].Write(wire);
        Assert.Contains(Wire.Text(wire), node.Ask(KrpcSamples.Get("find_node")), StringComparison.Ordinal);
        Assert.Equal(before + 1, own.ClosestCalls);
    }

    [Fact]
    public void ATableAroundOurIdAlready_IsLeftAsItIs()
    {
        var own = new RecordingTable(IpFamily.IPv6);
        var node = new NodeHarness(new NodeOptions { Tables = [own], Id = own.Self });
        Assert.Same(own, node.Node.Table(IpFamily.IPv6));
        Assert.Equal(0, own.Rebases);
    }

    [Fact]
    public void TheKind_ChoosesTheBuiltInTables()
    {
        var node = new NodeHarness(new NodeOptions { TableKind = RoutingTableKind.Mainline });
        Assert.IsType<MainlineTable>(node.Node.Table(IpFamily.IPv4));
        Assert.Equal(node.Node.Id, Assert.IsType<MainlineTable>(node.Node.Table(IpFamily.IPv6)).Self);
    }

    [Fact]
    public void TablesThatCannotBeUsed_AreRefused()
    {
        var one = new RecordingTable(IpFamily.IPv4);
        Refused("null", null!);
        Refused("Two tables are for IPv4", one, new RecordingTable(IpFamily.IPv6), new RecordingTable(IpFamily.IPv4));
        Refused("IPv4 or IPv6", new RecordingTable(IpFamily.None));

        static void Refused(string expected, params IRoutingTable[] tables)
        {
            var thrown = Assert.Throws<ArgumentException>(
                () => new NodeHarness(new NodeOptions { Tables = tables ?? [null!] }));
            Assert.Contains(expected, thrown.Message, StringComparison.Ordinal);
        }
    }
}
