using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

public sealed class NodeLookupFaultTests
{
    private static readonly NodeId Target = NodeId.Parse("ffffffffffffffffffffffffffffffffffffff00");

    [Fact]
    public void LookupsThatTheRateLimitDefersEnd()
    {
        World world = Create(1);
        world.Node.AddRouter(world.Neighbours[0].Endpoint);
        var ends = new Ends();
        for (int i = 0; i < 8; i++)
        {
            Assert.True(world.Node.TryStartLookup(
                new LookupRequest { Kind = LookupKind.FindNode, Target = Target, Listener = ends }, world.Now, out _));
        }

        world.Run(TimeSpan.FromSeconds(60));
        Assert.Equal(8, ends.Reports.Count);
    }

    [Fact]
    public void CancelledByItsListenerItEndsOnce()
    {
        World world = Create(1);
        Neighbour only = world.Neighbours[0];
        world.Introduce(only);
        world.Run(TimeSpan.FromSeconds(30));
        string values = $"5:token2:tt6:valuesl6:{WireText.Of(Endpoint.Parse("8.8.4.4:80"))}e";
        bool search = false;
        world.Answers.Script = (_, transaction) =>
            search ? NodeHarness.Pong(transaction, WireText.Of(only.Id), values) : null;
        world.Run(TimeSpan.FromSeconds(60));
        long before = world.Node.Counters.Lookups;
        int count = world.Node.LookupCount;
        search = true;
        LookupHandle handle = default;
        var ends = new Ends();
        ends.Peers = () => world.Node.CancelLookup(handle, world.Now);
        world.Node.TryStartLookup(
            new LookupRequest { Kind = LookupKind.GetPeers, Target = Target, Listener = ends }, world.Now, out handle);
        world.Run(TimeSpan.FromMilliseconds(200));
        Assert.Single(ends.Reports);
        Assert.Equal(LookupStatus.Cancelled, ends.Reports[0].Status);
        Assert.Equal((before + 1, count), (world.Node.Counters.Lookups, world.Node.LookupCount));
    }

    [Fact]
    public void AnIdThatDoesNotFitDoesNotSlipInWithTheAnswer()
    {
        World world = Create(0, new NodeOptions { EnforceSecureIds = true });
        Endpoint router = world.Neighbours.Add(TestEndpoints.Public(IpFamily.IPv4, 1)).Endpoint;
        Endpoint liar = world.Neighbours.Add(TestEndpoints.Public(IpFamily.IPv4, 2)).Endpoint;
        NodeId honest = SecureNodeId.Derive(router, new SeededRandomSource(1));
        var named = new CompactNode(SecureNodeId.Derive(liar, new SeededRandomSource(2)), liar);
        world.Node.AddRouter(router);
        world.Answers.Script = (to, transaction) => to == router
            ? NodeHarness.Pong(transaction, WireText.Of(honest), "5:nodes" + Wire.Str(WireText.Of(named)))
            : NodeHarness.Pong(transaction, WireText.Of(Target), "5:token2:tt");
        var ends = new Ends();
        var request = new LookupRequest { Kind = LookupKind.Announce, Target = Target, Port = 6881, Listener = ends };
        world.Node.TryStartLookup(request, world.Now, out _);
        world.Run(TimeSpan.FromSeconds(20));
        Assert.Single(ends.Reports);
        Assert.Empty(ends.Closest);
        Assert.Equal(0, ends.Reports[0].AnnouncesSent);
    }

    [Fact]
    public void APolicyThatThrowsDoesNotHangALookup()
    {
        var policy = new BrokenPolicy();
        World world = Create(20, policy: policy);
        world.Node.AddRouter(world.Neighbours[0].Endpoint);
        var ends = new Ends();
        world.Node.TryStartLookup(
            new LookupRequest { Kind = LookupKind.FindNode, Target = Target, Listener = ends }, world.Now, out _);
        policy.FaultAt = 3;
        try
        {
            world.Run(TimeSpan.FromSeconds(1));
        }
        catch (InvalidOperationException)
        {
        }

        world.Run(TimeSpan.FromSeconds(60));
        Assert.Single(ends.Reports);
    }

    private static World Create(int neighbours, NodeOptions? node = null, IAddressPolicy? policy = null) =>
        new(new WorldOptions
        {
            IPv4Count = neighbours,
            Families = IpFamily.Both,
            KeepsUpkeep = true,
            Node = node ?? new NodeOptions(),
            Policy = policy ?? AddressPolicy.AllowLocal,
        });

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
