using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Crawling;

/// <summary>What a crawl finds, and that it ends.</summary>
public class CrawlerTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 9)]
    [InlineData(3, 300)]
    [InlineData(4, 2000)]
    public void EveryLiveNode_IsReportedExactlyOnce(ulong seed, int nodes)
    {
        CrawlRig rig = new CrawlRig(new VirtualNetwork(nodes, seed, deadShare: 0.3), CrawlRig.Unpaced, seed).Run();
        AssertFoundAll(rig, seed);
        AssertBooksBalance(rig, seed);
    }

    [Fact]
    public void AReport_SaysWhatTheNodeAnswered()
    {
        const ulong seed = 5;
        var network = new VirtualNetwork(200, seed);
        network.SetRoundTrips(TimeSpan.FromMilliseconds(80), 0.3);
        CrawlRig rig = new CrawlRig(network, CrawlRig.Unpaced, seed).Run();
        Dictionary<Endpoint, VirtualNode> truth = network.Nodes.ToDictionary(static node => node.Endpoint);
        foreach (FoundNode found in rig.Found)
        {
            VirtualNode node = truth[found.Endpoint];
            Assert.Equal(node.Id, found.Id);
            Assert.Equal(node.RoundTrip, found.RoundTrip);
            Assert.Equal("VN\0\x07", found.Version);
            Assert.True(found.FirstSeen >= rig.StartedAt && found.FirstSeen <= found.LastSeen, $"seed {seed}: {found}");
            Assert.Equal(found.ReportedAt, found.LastSeen);
        }
    }

    [Fact]
    public void IPv6Nodes_AreFoundThroughNodes6()
    {
        const ulong seed = 6;
        var network = new VirtualNetwork(800, seed, deadShare: 0.2, ipv6Share: 0.5);
        CrawlRig rig = new CrawlRig(network, CrawlRig.Unpaced, seed).Run();
        Assert.Contains(rig.Found, static found => found.Endpoint.IsIPv6);
        AssertFoundAll(rig, seed);
        AssertBooksBalance(rig, seed);
    }

    [Theory]
    [InlineData(IpFamily.IPv4, false)]
    [InlineData(IpFamily.Both, true)]
    public void OnlyTheFamiliesThatAreCrawled_AreBelieved_AndBothAreAskedForByName(IpFamily families, bool asksByName)
    {
        const ulong seed = 16;
        var network = new VirtualNetwork(400, seed, ipv6Share: 0.5);
        CrawlRig rig = new CrawlRig(network, CrawlRig.Unpaced with { Families = families }, seed).Run();
        Assert.Equal(families == IpFamily.Both, rig.Found.Exists(static found => found.Endpoint.IsIPv6));
        Assert.All(rig.Found, static found => Assert.NotEqual(default, found.Endpoint));
        bool isAdded = rig.Crawler.AddEndpoint(Endpoint.Parse("[2001:4860:ffff::1]:6881"), rig.Now);
        Assert.Equal(families == IpFamily.Both, isAdded);
        Assert.All(
            network.Nodes.Where(static node => node.Asked > 0),
            node => Assert.Equal(asksByName, node.LastWant == IpFamily.Both));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void TheSilent_AreAskedExactlySoOftenAgain(int retries)
    {
        const ulong seed = 7;
        var network = new VirtualNetwork(500, seed, deadShare: 0.3);
        new CrawlRig(network, CrawlRig.Unpaced with { SilentRetries = retries }, seed).Run();
        Assert.All(network.Nodes.Where(static node => node.IsDead), node => Assert.InRange(node.Asked, 0, retries + 1));
        Assert.All(
            network.Nodes.Where(static node => node.IsDead && node.Asked > 0),
            node => Assert.Equal(retries + 1, node.Asked));
    }

    [Fact]
    public void ANodeThatAnswersOnlyTheSecondTime_IsFound()
    {
        const ulong seed = 8;
        var network = new VirtualNetwork(300, seed);
        foreach (VirtualNode node in network.Nodes.Skip(1).Where(static (_, i) => i % 3 == 0))
        {
            node.Trick = static answer => answer.IsSilent = answer.Asked == 1;
        }

        AssertFoundAll(new CrawlRig(network, CrawlRig.Unpaced, seed).Run(), seed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void TenPercentLoss_HidesLessThanOneInAThousand(ulong seed)
    {
        var network = new VirtualNetwork(2500, seed, deadShare: 0.2) { Loss = 0.1 };
        CrawlRig rig = new CrawlRig(network, CrawlRig.Unpaced with { SilentRetries = 3 }, seed).Run();
        int live = network.Nodes.Count(static node => !node.IsDead);
        Assert.True(rig.Found.Count >= live * 0.999, $"seed {seed}: {rig.Found.Count} of {live}");
        Assert.Equal(rig.Found.Count, rig.Found.Select(static found => found.Endpoint).Distinct().Count());
        AssertBooksBalance(rig, seed);
    }

    [Fact]
    public void OneSeed_GivesOneTrace()
    {
        ulong first = DigestOf(networkSeed: 9, seed: 1);
        Assert.Equal(first, DigestOf(networkSeed: 9, seed: 1));
        Assert.NotEqual(first, DigestOf(networkSeed: 9, seed: 2));
        Assert.NotEqual(first, DigestOf(networkSeed: 10, seed: 1));
    }

    [Fact]
    public void WhenNoNodeAnswers_ItEndsWithNothing()
    {
        var network = new VirtualNetwork(1, 11);
        network.Nodes[0].IsDead = true;
        CrawlRig rig = new CrawlRig(network, new CrawlOptions(), 11).Run(TimeSpan.FromSeconds(30));
        Assert.Empty(rig.Found);
        Assert.Equal(2, rig.Counters.Timeouts);
        AssertBooksBalance(rig, 11);
    }

    [Fact]
    public void WithNowhereToBegin_ItIsCompleteAtOnce()
    {
        var rig = new CrawlRig(new VirtualNetwork(1, 12), new CrawlOptions(), 12);
        rig.RunFor(TimeSpan.FromSeconds(1));
        Assert.True(rig.Crawler.IsComplete);
        Assert.Empty(rig.Sent);
        Assert.Equal(Instant.Never, rig.Crawler.NextDeadline);
    }

    [Fact]
    public void AnEndpointNamedAfterTheEnd_WakesTheCrawl()
    {
        var network = new VirtualNetwork(50, 13);
        NodeId id = NodeId.Parse("00112233445566778899aabbccddeeff00112233");
        VirtualNode stranger = network.Add(Endpoint.FromIPv4(0x08080808, 53), id);
        CrawlRig rig = new CrawlRig(network, CrawlRig.Unpaced, 13).Run();
        Assert.True(rig.Crawler.AddEndpoint(stranger.Endpoint, rig.Now));
        Assert.False(rig.Crawler.IsComplete);
        rig.RunFor(TimeSpan.FromMinutes(1));
        Assert.True(rig.Crawler.IsComplete);
        Assert.Contains(rig.Found, found => found.Id == stranger.Id);
    }

    [Fact]
    public void AddEndpoint_RefusesBogonsAndWhatIsKnown()
    {
        var rig = new CrawlRig(new VirtualNetwork(1, 14), new CrawlOptions(), 14);
        string[] bogons =
        [
            "0.1.2.3:1", "10.0.0.1:6881", "127.0.0.1:6881", "100.64.0.1:6881", "224.0.0.1:6881", "8.8.8.8:0",
            "[fe80::1]:6881",
        ];
        Assert.All(bogons, text => Assert.False(rig.Crawler.AddEndpoint(Endpoint.Parse(text), rig.Now)));
        Assert.False(rig.Crawler.AddEndpoint(default, rig.Now));
        Assert.Equal(bogons.Length + 1, rig.Counters.BogonsRefused);
        Assert.True(rig.Crawler.AddEndpoint(rig.Network.Start, rig.Now));
        Assert.False(rig.Crawler.AddEndpoint(rig.Network.Start, rig.Now));
        Assert.Equal(1, rig.Counters.NodesSeen);
    }

    [Fact]
    public void TheKnownSetsBound_Holds()
    {
        const ulong seed = 15;
        var network = new VirtualNetwork(1000, seed);
        CrawlOptions options = CrawlRig.Unpaced with { KnownNodesMax = 200, ExpectedNodes = 10 };
        CrawlRig rig = new CrawlRig(network, options, seed).Run();
        Assert.Equal(200, rig.Counters.NodesSeen);
        Assert.Equal(200, rig.Found.Count);
        Assert.True(rig.Counters.KnownSetFull > 0);
    }

    internal static void AssertFoundAll(CrawlRig rig, ulong seed)
    {
        IEnumerable<VirtualNode> alive = rig.Network.Nodes.Where(static node => !node.IsDead);
        Endpoint[] live = [.. alive.Select(static node => node.Endpoint)];
        HashSet<Endpoint> found = [.. rig.Found.Select(static node => node.Endpoint)];
        Assert.True(found.Count == rig.Found.Count, $"seed {seed}: {rig.Found.Count - found.Count} reported twice");
        int missed = live.Count(node => !found.Contains(node));
        Assert.True(found.SetEquals(live), $"seed {seed}: {missed} of {live.Length} missed");
    }

    internal static void AssertBooksBalance(CrawlRig rig, ulong seed)
    {
        CrawlCounters counters = rig.Counters;
        string context = $"seed {seed}: {counters}";
        int asked = rig.Sent.Select(static sent => sent.Destination).Distinct().Count();
        Assert.True(counters.NodesAlive == rig.Found.Count, context);
        Assert.True(counters.NodesSeen == asked, $"{context}, asked {asked}");
        Assert.True(counters.Queries == rig.Sent.Count, context);
        Assert.True(counters.Queries == counters.Responses + counters.Errors + counters.Timeouts, context);
        Assert.True(counters is { InFlight: 0, Frontier: 0 }, context);
        Assert.True(rig.Crawler.NextDeadline == Instant.Never, context);
    }

    private static ulong DigestOf(ulong networkSeed, ulong seed)
    {
        var network = new VirtualNetwork(400, networkSeed, deadShare: 0.2) { Loss = 0.05 };
        network.SetRoundTrips(TimeSpan.FromMilliseconds(100), 0.5);
        return new CrawlRig(network, new CrawlOptions { ExpectedNodes = 100 }, seed).Run().Digest;
    }
}
