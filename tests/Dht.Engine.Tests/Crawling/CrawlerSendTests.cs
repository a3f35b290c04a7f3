using Dht.Engine.Crawling;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Crawling;

/// <summary>A crawl whose system refuses to send: a query that did not leave asks nobody.</summary>
public class CrawlerSendTests
{
    private const int Nodes = 2000;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // As many queries a node as a crawl without a firewall has, and a tenth for looking how much passes.
    [Theory]
    [InlineData(50, 0)]
    [InlineData(50, 400)]
    [InlineData(200, 2000)]
    public void AFirewallWithALimit_CostsTimeAndNoNode(int perSecond, int rate)
    {
        const ulong seed = 71;
        CrawlOptions options = CrawlWorld.Unpaced with { QueriesPerSecond = rate };
        CrawlWorld free = new CrawlWorld(new Population(Nodes, seed, deadShare: 0.1), options, seed).Run();
        var world = new CrawlWorld(new Population(Nodes, seed, deadShare: 0.1), options, seed);
        world.Node.SendsPerSecond = perSecond;
        world.Crawler.AddEndpoint(world.Population.Start, world.Now);
        world.RunFor(10 * Second);
        Assert.Equal(CrawlGaps.Unasked, world.Crawler.Gaps & CrawlGaps.Unasked);
        CrawlCounters early = world.Counters;
        world.Run();
        CrawlerTests.AssertFoundAll(world, seed);
        Assert.True(world.Crawler.IsComplete, $"seed {seed}: {world.Crawler.Gaps}, {world.Counters}");
        Assert.Equal(world.Counters.Queries - world.Counters.NotSent, world.Sent.Count);
        double least = free.Sent.Count / (double)perSecond;
        Assert.InRange(world.Elapsed.TotalSeconds, least * 0.9, (least * 1.15) + 12);
        Assert.InRange(world.Counters.NotSent - early.NotSent, 0, world.Sent.Count / 5);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(60)]
    [InlineData(300)]
    public void WhileNothingIsLetOut_NothingIsLost(int seconds)
    {
        const ulong seed = 72;
        var world = new CrawlWorld(
            new Population(Nodes, seed, deadShare: 0.3), new CrawlOptions { ExpectedNodes = 4096 }, seed);
        world.Crawler.AddEndpoint(world.Population.Start, world.Now);
        while (world.Found.Count < Nodes * 0.3)
        {
            world.RunFor(TimeSpan.FromMilliseconds(20));
        }

        Refuse(world, seconds);

        // Again near the end, where a few nodes are left.
        while (world.Counters.Frontier > 12)
        {
            world.RunFor(TimeSpan.FromMilliseconds(20));
        }

        Refuse(world, seconds);
        world.RunFor(TimeSpan.FromHours(1));
        Assert.True(world.Crawler.IsComplete, $"seed {seed}: {world.Crawler.Gaps}, {world.Counters}");
        CrawlerTests.AssertFoundAll(world, seed);
    }

    [Fact]
    public void WhenNothingIsEverLetOut_ItSoonEnds_AndSaysWhy()
    {
        var world = new CrawlWorld(new Population(4, 73), new CrawlOptions { ExpectedNodes = 4096 }, 73);
        world.Node.SendsPerSecond = 0;
        world.Run(10 * Second);
        Assert.Empty(world.Sent);
        Assert.Equal(CrawlGaps.Unasked | CrawlGaps.NotSent | CrawlGaps.NobodyAnswered, world.Crawler.Gaps);
        Assert.Equal(1, world.Counters.NodesUnsendable);
        Assert.Equal(world.Counters.Queries, world.Counters.NotSent);
    }

    /// <summary>A new destination that was not contacted is none: it takes nothing from the others.</summary>
    [Fact]
    public void WhatIsNotSent_TakesNoNewDestination()
    {
        const ulong seed = 74;
        CrawlOptions options = CrawlWorld.Unpaced with { NewDestinationsPerSecond = 60, QueriesPerSecond = 400 };
        var world = new CrawlWorld(new Population(600, seed), options, seed);
        world.Node.SendsPerSecond = 50;
        world.Run();
        CrawlerTests.AssertFoundAll(world, seed);
        Assert.InRange(world.MostWithin(Second, static sent => sent.IsFirst), 20, 60 + 2);
        Assert.InRange(world.Elapsed.TotalSeconds, 0.9 * world.Sent.Count / 50, (1.15 * world.Sent.Count / 50) + 12);
    }

    private static void Refuse(CrawlWorld world, int seconds)
    {
        Instant begin = world.Now;
        long before = world.Counters.NotSent;
        world.Node.SendsPerSecond = 0;
        world.RunFor(3 * Second);
        long early = world.Counters.NotSent;
        world.RunFor(TimeSpan.FromSeconds(seconds - 3));
        world.Node.SendsPerSecond = null;
        Assert.False(world.Crawler.IsOver, $"it gave up: {world.Counters}");
        Assert.InRange((world.Counters.NotSent - early) / Math.Max(1.0, seconds - 3), 0, 6);
        Assert.DoesNotContain(world.Sent, sent => sent.At > begin && sent.At < begin + TimeSpan.FromSeconds(seconds));
        Assert.True(world.Counters.NotSent >= before, "what is refused is counted");
    }
}
