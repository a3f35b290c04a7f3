using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;

namespace Dht.Engine.Tests.Node;

public sealed class NodeOfflineTests
{
    [Fact]
    public void ContactsOfAnEarlierRunOutliveAStartWithoutANetwork()
    {
        var node = new NodeHarness();
        var network = new ScriptedNetwork(1);
        network.Populate(IpFamily.IPv4, 50);
        node.Node.AddSaved(new NodeState { Contacts = [.. network.Nodes] });
        network.Dead.UnionWith(network.Nodes.Select(static known => known.Endpoint));
        network.Run(node, TimeSpan.FromMinutes(20));
        Assert.Equal(50, node.Node.CaptureState(node.Now).Contacts.Count);
        network.Dead.Clear();
        network.Run(node, TimeSpan.FromMinutes(2));
        Assert.InRange(node.Node.ContactCount, 8, 50);
    }

    [Fact]
    public void ATableSurvivesAnHourWithoutANetwork()
    {
        var node = new NodeHarness();
        var network = new ScriptedNetwork(1);
        network.Populate(IpFamily.IPv4, 100);
        node.Node.AddBootstrap(network.Nodes[0].Endpoint);
        network.Run(node, TimeSpan.FromMinutes(5));
        int known = node.Node.ContactCount;
        network.Dead.UnionWith(network.Nodes.Select(static known => known.Endpoint));
        network.Run(node, TimeSpan.FromHours(1));
        int saved = node.Node.CaptureState(node.Now).Contacts.Count;
        network.Dead.Clear();

        // The only bootstrap node has gone for good meanwhile.
        network.Dead.Add(network.Nodes[0].Endpoint);
        network.Run(node, TimeSpan.FromMinutes(3));
        Assert.True(saved >= 8 && node.Node.ContactCount >= 8, $"known {known}, saved {saved}, after {node.Node.ContactCount}");
    }

    [Fact]
    public void ALongListOfDeadBootstrapNodesDoesNotHideTheOneThatLives()
    {
        var node = new NodeHarness();
        var network = new ScriptedNetwork(1);
        network.Populate(IpFamily.IPv4, 40);
        for (int i = 0; i < 40; i++)
        {
            node.Node.AddBootstrap(network.Nodes[i].Endpoint);
        }

        network.Dead.UnionWith(network.Nodes.Take(39).Select(static known => known.Endpoint));
        network.Run(node, TimeSpan.FromMinutes(10));
        Assert.True(network.Asked.ContainsKey(network.Nodes[39].Endpoint), $"asked {network.Asked.Count} of 40");
    }

    [Fact]
    public void EachFamilySearchesAroundItsOwnId()
    {
        NodeId id4 = NodeId.Parse("0123456789012345678901234567890123456789");
        NodeId id6 = NodeId.Parse("f123456789012345678901234567890123456789");
        var node = new NodeHarness(new NodeOptions { Id = id4, IdIPv6 = id6, DeriveId = false });
        var network = new ScriptedNetwork(1);
        network.Populate(IpFamily.IPv4, 60);
        network.Populate(IpFamily.IPv6, 60);
        node.Node.AddRouter(network.Nodes[0].Endpoint);
        node.Node.AddRouter(network.Nodes[60].Endpoint);
        network.Run(node, TimeSpan.FromMinutes(10));
        int near4 = network.Targets.Count(asked => !asked.To.IsIPv6 && asked.Target.CommonPrefixLength(id4) > 64);
        int near6 = network.Targets.Count(asked => asked.To.IsIPv6 && asked.Target.CommonPrefixLength(id6) > 64);
        Assert.True(near4 > 0 && near6 > 0, $"IPv4 {near4}, IPv6 {near6}");
    }

    [Fact]
    public void AFamilyWithoutARouteDoesNotMakeTheOtherBusy()
    {
        int quiet = QueriesPerHour(false);
        int broken = QueriesPerHour(true);
        Assert.True(broken < quiet + 300, $"queries in an hour: {quiet} with IPv4 alone, {broken} with an IPv6 router that is silent");
    }

    private static int QueriesPerHour(bool addsSilentIPv6)
    {
        var node = new NodeHarness();
        var network = new ScriptedNetwork(1);
        network.Populate(IpFamily.IPv4, 200);
        node.Node.AddRouter(network.Nodes[0].Endpoint);
        if (addsSilentIPv6)
        {
            node.Node.AddRouter(Endpoint.Parse("[2a00:1450::1]:6881"));
        }

        network.Run(node, TimeSpan.FromMinutes(30));
        int before = network.Queries;
        network.Run(node, TimeSpan.FromMinutes(60));
        return network.Queries - before;
    }
}
