using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.SeedParity;

namespace Dht.Engine.Tests.Node;

public sealed class NodeLookupFaultTests
{
    private static readonly NodeId Target = NodeId.Parse("ffffffffffffffffffffffffffffffffffffff00");

    [Fact]
    public void LookupsThatTheRateLimitDefersEnd()
    {
        var node = new NodeHarness();
        var network = new ScriptedNetwork(1);
        network.Populate(IpFamily.IPv4, 1);
        node.Node.AddRouter(network.Nodes[0].Endpoint);
        var ends = new Ends();
        for (int i = 0; i < 8; i++)
        {
            Assert.True(node.Node.TryStartLookup(new LookupRequest { Kind = LookupKind.FindNode, Target = Target, Listener = ends }, node.Now, out _));
        }

        network.Run(node, TimeSpan.FromSeconds(60));
        Assert.Equal(8, ends.Reports.Count);
    }

    [Fact]
    public void CancelledByItsListenerItEndsOnce()
    {
        var node = new NodeHarness();
        var network = new ScriptedNetwork(1);
        network.Populate(IpFamily.IPv4, 1);
        CompactNode only = network.Nodes[0];
        node.Introduce(only.Id, only.Endpoint);
        network.Run(node, TimeSpan.FromSeconds(30));
        string values = $"5:token2:tt6:valuesl6:{Rig.Text(Endpoint.Parse("8.8.4.4:80"))}e";
        bool search = false;
        network.Script = (_, transaction) => search ? NodeHarness.Pong(transaction, Rig.Text(only.Id), values) : null;
        network.Run(node, TimeSpan.FromSeconds(60));
        long before = node.Counters.Lookups;
        int count = node.Node.LookupCount;
        search = true;
        LookupHandle handle = default;
        var ends = new Ends();
        ends.Peers = () => node.Node.CancelLookup(handle, node.Now);
        node.Node.TryStartLookup(new LookupRequest { Kind = LookupKind.GetPeers, Target = Target, Listener = ends }, node.Now, out handle);
        network.Run(node, TimeSpan.FromMilliseconds(200));
        Assert.Single(ends.Reports);
        Assert.Equal(LookupStatus.Cancelled, ends.Reports[0].Status);
        Assert.Equal((before + 1, count), (node.Counters.Lookups, node.Node.LookupCount));
    }

    [Fact]
    public void AnIdThatDoesNotFitDoesNotSlipInWithTheAnswer()
    {
        var node = new NodeHarness(new NodeOptions { EnforceSecureIds = true });
        var network = new ScriptedNetwork(1);
        Endpoint router = Rig.Public(IpFamily.IPv4, 1);
        Endpoint liar = Rig.Public(IpFamily.IPv4, 2);
        NodeId honest = SecureNodeId.Derive(router, new SeededRandomSource(1));
        var named = new CompactNode(SecureNodeId.Derive(liar, new SeededRandomSource(2)), liar);
        node.Node.AddRouter(router);
        network.Script = (to, transaction) => to == router
            ? NodeHarness.Pong(transaction, Rig.Text(honest), "5:nodes" + Wire.Str(Rig.Text(named)))
            : NodeHarness.Pong(transaction, Rig.Text(Target), "5:token2:tt");
        var ends = new Ends();
        node.Node.TryStartLookup(
            new LookupRequest { Kind = LookupKind.Announce, Target = Target, Port = 6881, Listener = ends }, node.Now, out _);
        network.Run(node, TimeSpan.FromSeconds(20));
        Assert.Single(ends.Reports);
        Assert.Empty(ends.Closest);
        Assert.Equal(0, ends.Reports[0].AnnouncesSent);
    }

    [Fact]
    public void APolicyThatThrowsDoesNotHangALookup()
    {
        var policy = new BrokenPolicy();
        var node = new NodeHarness(policy: policy);
        var network = new ScriptedNetwork(1);
        network.Populate(IpFamily.IPv4, 20);
        node.Node.AddRouter(network.Nodes[0].Endpoint);
        var ends = new Ends();
        node.Node.TryStartLookup(new LookupRequest { Kind = LookupKind.FindNode, Target = Target, Listener = ends }, node.Now, out _);
        policy.FaultAt = 3;
        try
        {
            network.Run(node, TimeSpan.FromSeconds(1));
        }
        catch (InvalidOperationException)
        {
        }

        network.Run(node, TimeSpan.FromSeconds(60));
        Assert.Single(ends.Reports);
    }

    private sealed class BrokenPolicy : IAddressPolicy
    {
        public int FaultAt { get; set; } = int.MaxValue;

        public AddressVerdict Check(in Endpoint endpoint) => --FaultAt == 0
            ? throw new InvalidOperationException("on purpose")
            : AddressPolicy.AllowLocal.Check(endpoint);
    }

    private sealed class Ends : ILookupListener
    {
        public List<LookupReport> Reports { get; } = [];

        public List<CompactNode> Closest { get; } = [];

        public Action? Peers { get; set; }

        public void OnPeers(CompactPeers peers, in Endpoint source, long cookie) => Peers?.Invoke();

        public void OnFinished(in LookupReport report, ReadOnlySpan<CompactNode> closest, long cookie)
        {
            Reports.Add(report);
            Closest.AddRange(closest);
        }
    }
}
