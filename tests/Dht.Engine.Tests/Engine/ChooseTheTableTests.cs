using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Routing;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// Choose the table by name or enum: Kademlia and MainLine in any case, and each really does its work in an engine;
/// any other name gives an error that names the choices.
/// </summary>
public sealed class ChooseTheTableTests
{
    [Theory]
    [InlineData("Kademlia", typeof(KademliaTable))]
    [InlineData("kademlia", typeof(KademliaTable))]
    [InlineData("KADEMLIA", typeof(KademliaTable))]
    [InlineData("MainLine", typeof(MainlineTable))]
    [InlineData("mainline", typeof(MainlineTable))]
    [InlineData("MAINLINE", typeof(MainlineTable))]
    [InlineData("mAINlINE", typeof(MainlineTable))]
    public async Task ATableChosenByName_WorksInAnEngine(string name, Type type)
    {
        RoutingTableKind kind = RoutingTables.ParseKind(name);
        Assert.Equal(type == typeof(MainlineTable) ? RoutingTableKind.Mainline : RoutingTableKind.Kademlia, kind);
        DhtEngineOptions options = Loopback.Options();
        await using DhtEngine engine = Loopback.Start(options with { Node = options.Node with { TableKind = kind } });
        await using DhtEngine other = Loopback.Start(options);
        foreach (IpFamily family in new[] { IpFamily.IPv4, IpFamily.IPv6 })
        {
            Assert.Equal(type, await engine.InvokeAsync((node, _) => node.Table(family).GetType()));
        }

        Assert.Equal(QueryStatus.Answered, (await engine.PingAsync(other.LocalEndpoint)).Status);
        CompactNode found = await engine.InvokeAsync((node, _) =>
        {
            byte[] room = new byte[CompactNode.SizeIPv4];
            Assert.Equal(
                room.Length, node.Table(IpFamily.IPv4).CopyClosest(NodeId.Parse(new string('a', 40)), default, room));
            Assert.True(CompactNode.TryRead(room, out CompactNode contact));
            return contact;
        });
        Assert.Equal(new CompactNode(other.Id, other.LocalEndpoint), found);
    }

    [Theory]
    [InlineData("Chord")]
    [InlineData("")]
    [InlineData("Kademlia ")]
    [InlineData("1")]
    public void AnUnknownName_GivesAClearError(string name)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => RoutingTables.ParseKind(name));
        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Kademlia or MainLine", error.Message, StringComparison.Ordinal);
        Assert.False(RoutingTables.TryParseKind(name, out _));
    }

    [Fact]
    public void AnUnknownEnum_GivesAClearError()
    {
        DhtEngineOptions options =
            Loopback.Options() with { Node = new NodeOptions { TableKind = (RoutingTableKind)9 } };
        ArgumentException error = Assert.Throws<ArgumentOutOfRangeException>(() => new DhtEngine(options));
        Assert.Contains("Kademlia or Mainline", error.Message, StringComparison.Ordinal);
    }
}
