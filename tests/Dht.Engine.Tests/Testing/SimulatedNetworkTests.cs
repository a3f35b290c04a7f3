using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Testing;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Testing;

/// <summary>What the ways and the nodes of a simulated network do.</summary>
public sealed class SimulatedNetworkTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly SimulatedLatency HundredMs = SimulatedLatency.Constant(TimeSpan.FromMilliseconds(100));

    [Fact]
    public void AConstantRoundTrip_IsThatOfEveryPing()
    {
        (SimulatedNetwork network, PingProbe probe) = Exchange(new SimulatedLink { Latency = HundredMs }, 50);
        Assert.Equal(50, probe.RoundTrips.Count);
        Assert.All(probe.RoundTrips, static roundTrip => Assert.Equal(TimeSpan.FromMilliseconds(100), roundTrip));
        Assert.Equal((network.Statistics.Sent, 0), (network.Statistics.Delivered, network.InFlight));
        Assert.True(network.Statistics.Sent >= 100);
        Assert.True(network.Statistics.InFlightMost >= 1);
    }

    [Fact]
    public void APairKeepsItsRoundTrip_AndAllPairsTogetherAreLogNormal()
    {
        SimulatedNetwork network = Quiet(
            new SimulatedLink { Latency = SimulatedLatency.LogNormal(TimeSpan.FromMilliseconds(100), 0.5) }, 1001);
        var probe = new PingProbe();
        for (int round = 0; round < 2; round++)
        {
            for (int i = 1; i <= 1000; i++)
            {
                Assert.True(probe.Ping(network.Nodes[0], network.Nodes[i], i));
                network.Run(TimeSpan.FromMilliseconds(40));
            }
        }

        network.Run(3 * Second);
        ILookup<long, TimeSpan> byPair = probe.Order.Zip(probe.RoundTrips).ToLookup(
            static pair => pair.First, static pair => pair.Second);
        Assert.All(byPair, static times => Assert.Single(times.Distinct()));
        double[] sorted = [.. byPair.Select(static times => times.First().TotalMilliseconds).Order()];
        Assert.InRange(sorted.Length, 998, 1000);
        Assert.InRange(sorted[500], 93, 107);
        Assert.InRange(sorted[841], 150, 182);
        Assert.InRange(sorted[159], 54, 67);
    }

    [Fact]
    public void Uniform_StaysBetweenItsLimits_AndJitterMovesSingleDatagrams()
    {
        SimulatedLatency latency = SimulatedLatency.Uniform(
            TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(60));
        (_, PingProbe steady) = Exchange(new SimulatedLink { Latency = latency }, 20);
        Assert.Single(steady.RoundTrips.Distinct());
        Assert.InRange(steady.RoundTrips[0].TotalMilliseconds, 20, 60);
        (_, PingProbe moved) = Exchange(new SimulatedLink { Latency = latency with { Jitter = 0.5 } }, 20);
        Assert.True(moved.RoundTrips.Distinct().Count() > 10);
        Assert.All(moved.RoundTrips, static roundTrip => Assert.InRange(roundTrip.TotalMilliseconds, 10, 90));
    }

    [Fact]
    public void LossDuplicationAndReordering_HappenAsOftenAsAskedFor()
    {
        var link =
            new SimulatedLink
            {
                Latency = HundredMs,
                Loss = 0.2,
                Duplication = 0.1,
                Reordering = 0.3,
                DelayMax = Second,
            };
        (SimulatedNetwork network, PingProbe probe) = Exchange(link, 3000, TimeSpan.FromMilliseconds(20));
        SimulatedStatistics seen = network.Statistics;
        Assert.InRange(seen.Lost / (double)seen.Sent, 0.17, 0.23);
        Assert.InRange(seen.Duplicated / (double)(seen.Sent - seen.Lost), 0.08, 0.12);
        Assert.InRange(seen.Reordered / (double)(seen.Sent - seen.Lost), 0.27, 0.33);
        Assert.Equal(seen.Sent - seen.Lost + seen.Duplicated, seen.Delivered);
        Assert.Equal(3000, probe.RoundTrips.Count + probe.Timeouts);
        Assert.NotEqual(probe.Order.Order(), probe.Order);
    }

    [Fact]
    public void ANat_LetsInOnlyWhomItsNodeSentToLately()
    {
        SimulatedNetwork network = Quiet(new SimulatedLink { Latency = HundredMs }, 1);
        SimulatedNode hidden = network.AddNode(Own(new SimulatedNodeOptions { IsBehindNat = true }));
        var probe = new PingProbe();
        probe.Ping(network.Nodes[0], hidden);
        network.Run(10 * Second);
        Assert.Equal((0, 1, 1), (probe.RoundTrips.Count, probe.Timeouts, network.Statistics.Filtered));
        probe.Ping(hidden, network.Nodes[0]);
        network.Run(Second);
        probe.Ping(network.Nodes[0], hidden);
        network.Run(Second);
        Assert.Equal(2, probe.RoundTrips.Count);
        network.Run(TimeSpan.FromMinutes(2));
        probe.Ping(network.Nodes[0], hidden);
        network.Run(10 * Second);
        Assert.Equal((2, 2), (probe.RoundTrips.Count, probe.Timeouts));
    }

    [Fact]
    public void APartition_KeepsTheSidesApartUntilItHeals()
    {
        SimulatedNetwork network = Quiet(new SimulatedLink(), 3);
        network.Partition(static node => node.Index == 2 ? 1 : 0);
        var probe = new PingProbe();
        probe.Ping(network.Nodes[0], network.Nodes[1]);
        probe.Ping(network.Nodes[0], network.Nodes[2]);
        network.Run(10 * Second);
        Assert.Equal((1, 1, 1), (probe.RoundTrips.Count, probe.Timeouts, network.Statistics.CutOff));
        network.Heal();
        probe.Ping(network.Nodes[0], network.Nodes[2]);
        network.Run(10 * Second);
        Assert.Equal(2, probe.RoundTrips.Count);
    }

    [Fact]
    public void ADeadNode_IsSilent_AndComesBackOldOrNew()
    {
        SimulatedNetwork network = Quiet(new SimulatedLink(), 2);
        SimulatedNode other = network.Nodes[1];
        (MainlineNode core, NodeId id) = (other.Node, other.Id);
        network.Kill(other);
        var probe = new PingProbe();
        probe.Ping(network.Nodes[0], other);
        network.Run(10 * Second);
        Assert.Equal((0, 1, 1), (probe.RoundTrips.Count, probe.Timeouts, network.Statistics.ToDead));
        network.Revive(other);
        Assert.Same(core, other.Node);
        probe.Ping(network.Nodes[0], other);
        network.Run(10 * Second);
        network.Restart(other);
        Assert.NotSame(core, other.Node);
        Assert.NotEqual(id, other.Id);
        Assert.Equal(1, other.Restarts);
        probe.Ping(network.Nodes[0], other);
        network.Run(10 * Second);
        Assert.Equal(2, probe.RoundTrips.Count);
    }

    [Fact]
    public void AnUplink_SpreadsABurst_AndDropsWhatWouldWaitTooLong()
    {
        SimulatedNetwork network = Quiet(new SimulatedLink { Latency = HundredMs }, 60);
        SimulatedNode narrow = network.AddNode(Own(new SimulatedNodeOptions { UplinkBytesPerSecond = 1000 }));
        var probe = new PingProbe();
        for (int i = 0; i < 50; i++)
        {
            probe.Ping(narrow, network.Nodes[i]);
        }

        network.Run(10 * Second);
        Assert.InRange(network.Statistics.Overflowed, 20, 45);
        Assert.Equal(50, probe.RoundTrips.Count + probe.Timeouts);
        Assert.True(probe.RoundTrips[^1] > TimeSpan.FromMilliseconds(900), $"{probe.RoundTrips[^1]}");
    }

    [Fact]
    public void ATarpit_AnswersTooLate_AndASilentOneNever()
    {
        SimulatedNetwork network = Quiet(new SimulatedLink(), 1);
        SimulatedNode tarpit = network.AddNode(Own(new SimulatedNodeOptions { Kind = SimulatedNodeKind.Tarpit }));
        SimulatedNode silent = network.AddNode(new SimulatedNodeOptions { Kind = SimulatedNodeKind.Silent });
        var probe = new PingProbe();
        probe.Ping(network.Nodes[0], tarpit);
        probe.Ping(network.Nodes[0], silent);
        network.Run(10 * Second);
        Assert.Equal((0, 2), (probe.RoundTrips.Count, probe.Timeouts));
        Assert.True(network.Nodes[0].Node.Counters.Unexpected >= 1);
        Assert.Throws<InvalidOperationException>(() => silent.Node);
        Assert.True(network.Nodes[0].Node.Counters.QueriesReceived >= 10);
    }

    [Fact]
    public void BothFamilies_JoinAndFindEachOther()
    {
        var network = new SimulatedNetwork(new SimulatedNetworkOptions { Seed = 4 });
        network.AddNodes(20, new SimulatedNodeOptions { Families = IpFamily.Both });
        network.AddNodes(10, new SimulatedNodeOptions { Families = IpFamily.IPv6 });
        Assert.All(
            network.Nodes,
            static node => Assert.Equal(node.Index < 20, node.EndpointOf(IpFamily.IPv4).Family == IpFamily.IPv4));
        network.Run(TimeSpan.FromMinutes(3));
        Assert.All(network.Nodes, static node => Assert.True(node.Node.Table(IpFamily.IPv6).Count >= 20));
        Assert.All(network.Nodes.Take(20), static node => Assert.True(node.Node.Table(IpFamily.IPv4).Count >= 15));
    }

    [Fact]
    public void AnEndpointOfYourChoice_IsThatOfTheNode_Once()
    {
        var network = new SimulatedNetwork();
        Endpoint endpoint = Endpoint.Parse("8.8.8.8:6881");
        SimulatedNode node = network.AddNode(new SimulatedNodeOptions { Endpoint = endpoint });
        Assert.Equal(endpoint, node.Endpoint);
        Assert.True(network.TryGetNode(endpoint, out SimulatedNode? found));
        Assert.Same(node, found);
        Assert.False(network.TryGetNode(endpoint.WithPort(1), out _));
        Assert.Throws<ArgumentException>(() => network.AddNode(new SimulatedNodeOptions { Endpoint = endpoint }));
        Assert.Throws<ArgumentException>(
            () => network.AddNode(new SimulatedNodeOptions { Endpoint = default(Endpoint) }));
    }

    [Fact]
    public void WithoutALimit_ItRunsUntilTheConditionHolds_OrNothingIsLeftToHappen()
    {
        var network = new SimulatedNetwork();
        network.Run(TimeSpan.MaxValue);
        Assert.False(network.RunUntil(static () => false, TimeSpan.MaxValue));
        SimulatedNode[] nodes = [.. network.AddNodes(2)];
        Assert.True(network.RunUntil(() => nodes.All(static node => node.Node.ContactCount == 1), TimeSpan.MaxValue));
        foreach (SimulatedNode node in nodes)
        {
            network.Kill(node);
        }

        network.Run(TimeSpan.MaxValue);
        Assert.True(network.Now < Instant.Zero + TimeSpan.FromDays(365));
    }

    [Fact]
    public void Misuse_IsRefusedAtTheCall()
    {
        var network = new SimulatedNetwork();
        SimulatedNode node = network.AddNode();
        Assert.Throws<ArgumentException>(() => new SimulatedNetwork().Kill(node));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Run(TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Link = new SimulatedLink { Loss = 1.5 });
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Link = new SimulatedLink { Loss = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => SimulatedLatency.LogNormal(Second, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => SimulatedLatency.Uniform(Second, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.AddNode(new SimulatedNodeOptions { Families = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new SimulatedNetwork(new SimulatedNetworkOptions { OutboxCapacity = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.SetChurn(new SimulatedChurn { LeavesPerSecond = -1 }));
        Assert.Throws<InvalidOperationException>(
            () => network.RunUntil(() => { network.Run(Second); return true; }, Second));
        Assert.Throws<ArgumentException>(
            () => network.AddNode(new SimulatedNodeOptions { Endpoint = Endpoint.Parse("10.0.0.1:6881") }));
        network.Kill(node);
        Assert.Throws<InvalidOperationException>(() => node.StartLookup(LookupKind.FindNode, default));
        network.Run(Second);
    }

    [Fact]
    public void AWarmNetwork_AllocatesNothing()
    {
        var network = new SimulatedNetwork(new SimulatedNetworkOptions
        {
            Seed = 6,
            Link = new SimulatedLink { Loss = 0.05, Duplication = 0.05, Reordering = 0.05 },
        });
        network.AddNodes(40);
        network.Run(TimeSpan.FromMinutes(20));
        long before = network.Statistics.Delivered;
        AllocationGuard.AssertNone(network, static warm => warm.Run(TimeSpan.FromMinutes(10)));
        Assert.True(network.Statistics.Delivered - before > 1000);
    }

    private static (SimulatedNetwork Network, PingProbe Probe) Exchange(
        SimulatedLink link, int pings, TimeSpan? pause = null)
    {
        SimulatedNetwork network = Quiet(link, 2);
        var probe = new PingProbe();
        for (int i = 0; i < pings; i++)
        {
            Assert.True(probe.Ping(network.Nodes[0], network.Nodes[1], i));
            network.Run(pause ?? Second);
        }

        network.Run(10 * Second);
        return (network, probe);
    }

    /// <summary>Nodes that do nothing by themselves, without limits to what they ask and answer.</summary>
    private static SimulatedNetwork Quiet(SimulatedLink link, int nodes)
    {
        var network = new SimulatedNetwork(new SimulatedNetworkOptions { Seed = 3, Link = link });
        network.AddNodes(nodes, Own(new SimulatedNodeOptions()));
        return network;
    }

    private static SimulatedNodeOptions Own(SimulatedNodeOptions options)
    {
        var extensions = new NodeExtensions();
        foreach (NodeTask task in extensions.Tasks.All)
        {
            task.Remove();
        }

        NodeOptions settings =
            SimulatedNetworkOptions.SmallNode with { AnswersPerSecondPerAddress = 0, QueriesPerSecondPerAddress = 0 };
        return options with { Extensions = extensions, Node = settings, Bootstrap = [] };
    }
}
