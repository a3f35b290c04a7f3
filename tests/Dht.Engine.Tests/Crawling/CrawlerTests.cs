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
        CrawlWorld world = new CrawlWorld(new Population(nodes, seed, deadShare: 0.3), CrawlWorld.Unpaced, seed).Run();
        AssertFoundAll(world, seed);
        AssertBooksBalance(world, seed);
    }

    [Fact]
    public void AReport_SaysWhatTheNodeAnswered()
    {
        const ulong seed = 5;
        var population = new Population(200, seed);
        population.SetRoundTrips(TimeSpan.FromMilliseconds(80), 0.3);
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, seed).Run();
        Dictionary<Endpoint, VirtualNode> truth = population.Nodes.ToDictionary(static node => node.Endpoint);
        foreach (FoundNode found in world.Found)
        {
            VirtualNode node = truth[found.Endpoint];
            Assert.Equal(node.Id, found.Id);
            Assert.Equal(node.RoundTrip, found.RoundTrip);
            Assert.Equal("VN\0\x07", found.Version);
            Assert.True(
                found.FirstSeen >= world.StartedAt && found.FirstSeen <= found.LastSeen, $"seed {seed}: {found}");
            Assert.Equal(found.ReportedAt, found.LastSeen);
        }
    }

    [Fact]
    public void IPv6Nodes_AreFoundThroughNodes6()
    {
        const ulong seed = 6;
        var population = new Population(800, seed, deadShare: 0.2, ipv6Share: 0.5);
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, seed).Run();
        Assert.Contains(world.Found, static found => found.Endpoint.IsIPv6);
        AssertFoundAll(world, seed);
        AssertBooksBalance(world, seed);
    }

    [Theory]
    [InlineData(IpFamily.IPv4, false)]
    [InlineData(IpFamily.Both, true)]
    public void OnlyTheFamiliesThatAreCrawled_AreBelieved_AndBothAreAskedForByName(IpFamily families, bool asksByName)
    {
        const ulong seed = 16;
        var population = new Population(400, seed, ipv6Share: 0.5);
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced with { Families = families }, seed).Run();
        Assert.Equal(families == IpFamily.Both, world.Found.Exists(static found => found.Endpoint.IsIPv6));
        Assert.All(world.Found, static found => Assert.NotEqual(default, found.Endpoint));
        bool isAdded = world.Crawler.AddEndpoint(Endpoint.Parse("[2001:4860:ffff::1]:6881"), world.Now);
        Assert.Equal(families == IpFamily.Both, isAdded);
        Assert.All(
            population.Nodes.Where(static node => node.Asked > 0),
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
        var population = new Population(500, seed, deadShare: 0.3);
        new CrawlWorld(population, CrawlWorld.Unpaced with { SilentRetries = retries }, seed).Run();
        Assert.All(
            population.Nodes.Where(static node => node.IsDead), node => Assert.InRange(node.Asked, 0, retries + 1));
        Assert.All(
            population.Nodes.Where(static node => node.IsDead && node.Asked > 0),
            node => Assert.Equal(retries + 1, node.Asked));
    }

    [Fact]
    public void ANodeThatAnswersOnlyTheSecondTime_IsFound()
    {
        const ulong seed = 8;
        var population = new Population(300, seed);
        foreach (VirtualNode node in population.Nodes.Skip(1).Where(static (_, i) => i % 3 == 0))
        {
            node.Trick = static answer => answer.IsSilent = answer.Asked == 1;
        }

        AssertFoundAll(new CrawlWorld(population, CrawlWorld.Unpaced, seed).Run(), seed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void TenPercentLoss_HidesLessThanOneInAThousand(ulong seed)
    {
        var population = new Population(2500, seed, deadShare: 0.2) { Loss = 0.1 };
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced with { SilentRetries = 3 }, seed).Run();
        int live = population.Nodes.Count(static node => !node.IsDead);
        Assert.True(world.Found.Count >= live * 0.999, $"seed {seed}: {world.Found.Count} of {live}");
        Assert.Equal(world.Found.Count, world.Found.Select(static found => found.Endpoint).Distinct().Count());
        AssertBooksBalance(world, seed);
    }

    [Fact]
    public void OneSeed_GivesOneTrace()
    {
        ulong first = DigestOf(populationSeed: 9, seed: 1);
        Assert.Equal(first, DigestOf(populationSeed: 9, seed: 1));
        Assert.NotEqual(first, DigestOf(populationSeed: 9, seed: 2));
        Assert.NotEqual(first, DigestOf(populationSeed: 10, seed: 1));
    }

    [Fact]
    public void WhenNoNodeAnswers_ItEndsWithNothing()
    {
        var population = new Population(1, 11);
        population.Nodes[0].IsDead = true;
        CrawlWorld world = new CrawlWorld(population, new CrawlOptions(), 11).Run(TimeSpan.FromSeconds(30));
        Assert.Empty(world.Found);
        Assert.Equal(2, world.Counters.Timeouts);
        Assert.Equal(CrawlGaps.NobodyAnswered, world.Crawler.Gaps);
        AssertBooksBalance(world, 11);
    }

    [Fact]
    public void WithNowhereToBegin_ItIsCompleteAtOnce()
    {
        var world = new CrawlWorld(new Population(1, 12), new CrawlOptions(), 12);
        world.RunFor(TimeSpan.FromSeconds(1));
        Assert.True(world.Crawler.IsComplete);
        Assert.Empty(world.Sent);
        Assert.Equal(Instant.Never, world.Crawler.NextDeadline);
    }

    [Fact]
    public void AnEndpointNamedAfterTheEnd_WakesTheCrawl()
    {
        var population = new Population(50, 13);
        NodeId id = NodeId.Parse("00112233445566778899aabbccddeeff00112233");
        VirtualNode stranger = population.Add(Endpoint.FromIPv4(0x08080808, 53), id);
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, 13).Run();
        Assert.True(world.Crawler.AddEndpoint(stranger.Endpoint, world.Now));
        Assert.False(world.Crawler.IsComplete);
        world.RunFor(TimeSpan.FromMinutes(1));
        Assert.True(world.Crawler.IsComplete);
        Assert.Contains(world.Found, found => found.Id == stranger.Id);
    }

    [Fact]
    public void AddEndpoint_RefusesBogonsAndWhatIsKnown()
    {
        var world = new CrawlWorld(new Population(1, 14), new CrawlOptions(), 14);
        string[] bogons =
        [
            "0.1.2.3:1", "10.0.0.1:6881", "127.0.0.1:6881", "100.64.0.1:6881", "224.0.0.1:6881", "8.8.8.8:0",
            "[fe80::1]:6881",
        ];
        Assert.All(bogons, text => Assert.False(world.Crawler.AddEndpoint(Endpoint.Parse(text), world.Now)));
        Assert.False(world.Crawler.AddEndpoint(default, world.Now));
        Assert.Equal(bogons.Length + 1, world.Counters.BogonsRefused);
        Assert.True(world.Crawler.AddEndpoint(world.Population.Start, world.Now));
        Assert.False(world.Crawler.AddEndpoint(world.Population.Start, world.Now));
        Assert.Equal(1, world.Counters.NodesSeen);
    }

    [Fact]
    public void TheKnownSetsBound_Holds()
    {
        const ulong seed = 15;
        var population = new Population(1000, seed);
        CrawlOptions options = CrawlWorld.Unpaced with { KnownNodesMax = 200, ExpectedNodes = 10 };
        CrawlWorld world = new CrawlWorld(population, options, seed).Run();
        Assert.Equal(200, world.Counters.NodesSeen);
        Assert.Equal(200, world.Found.Count);
        Assert.True(world.Counters.KnownSetFull > 0);
        Assert.Equal((true, false), (world.Crawler.IsOver, world.Crawler.IsComplete));
        Assert.Equal(CrawlGaps.KnownSetFull, world.Crawler.Gaps);
    }

    internal static void AssertFoundAll(CrawlWorld world, ulong seed)
    {
        IEnumerable<VirtualNode> alive = world.Population.Nodes.Where(static node => !node.IsDead);
        Endpoint[] live = [.. alive.Select(static node => node.Endpoint)];
        HashSet<Endpoint> found = [.. world.Found.Select(static node => node.Endpoint)];
        Assert.True(found.Count == world.Found.Count, $"seed {seed}: {world.Found.Count - found.Count} reported twice");
        int missed = live.Count(node => !found.Contains(node));
        Assert.True(found.SetEquals(live), $"seed {seed}: {missed} of {live.Length} missed");
    }

    internal static void AssertBooksBalance(CrawlWorld world, ulong seed)
    {
        CrawlCounters counters = world.Counters;
        string context = $"seed {seed}: {counters}";
        int asked = world.Sent.Select(static sent => sent.Destination).Distinct().Count();
        Assert.True(counters.NodesAlive == world.Found.Count, context);
        Assert.True(counters.NodesSeen == asked, $"{context}, asked {asked}");
        Assert.True(counters.Queries == world.Sent.Count, context);
        Assert.True(counters.Queries == counters.Responses + counters.Errors + counters.Timeouts
            + counters.NotSent + counters.TakenBack, context);
        Assert.True(counters is { InFlight: 0, Frontier: 0 }, context);
        Assert.True(world.Crawler.NextDeadline == Instant.Never, context);
    }

    private static ulong DigestOf(ulong populationSeed, ulong seed)
    {
        var population = new Population(400, populationSeed, deadShare: 0.2) { Loss = 0.05 };
        population.SetRoundTrips(TimeSpan.FromMilliseconds(100), 0.5);
        return new CrawlWorld(population, new CrawlOptions { ExpectedNodes = 100 }, seed).Run().Digest;
    }
}
