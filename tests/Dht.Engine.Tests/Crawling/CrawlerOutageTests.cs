using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Crawling;

/// <summary>A crawl whose line to the network is cut for a while: it costs time, and no node.</summary>
public class CrawlerOutageTests
{
    private const int Nodes = 2000;

    private static readonly CrawlOptions Options = new() { ExpectedNodes = 4096 };
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    // Until it is noticed that nobody answers, queries go out as before.
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(6);

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(300)]
    public void InTheFirstPass_ItCostsNoNode(int seconds)
    {
        const ulong seed = 51;
        CrawlWorld world = Begin(new Population(Nodes, seed, deadShare: 0.3), seed);
        RunUntil(world, static world => world.Found.Count >= Nodes * 0.3);
        CutOff(world, TimeSpan.FromSeconds(seconds));
        AssertEndsWithAll(world, seed);
    }

    /// <summary>
    /// Every third node answers from its second query on. Those queries are the last that such a node gets.
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(300)]
    public void InTheLastPass_ItCostsNoNode(int seconds)
    {
        const ulong seed = 52;
        CrawlWorld world = Begin(WithNodesThatAnswerTheSecondTime(seed), seed);
        RunUntil(world, static world => IsInLastPass(world));
        world.RunFor(TimeSpan.FromMilliseconds(100));
        CutOff(world, TimeSpan.FromSeconds(seconds));
        AssertEndsWithAll(world, seed);
    }

    [Fact]
    public void OneAfterAnother_TheyCostNoNode()
    {
        const ulong seed = 53;
        CrawlWorld world = Begin(WithNodesThatAnswerTheSecondTime(seed), seed);
        for (int i = 1; i < 40 && !world.Crawler.IsComplete; i++)
        {
            world.RunFor(TimeSpan.FromMilliseconds(100 * i));
            if (!world.Crawler.IsComplete)
            {
                CutOff(world, TimeSpan.FromSeconds(3 + (i % 5)));
            }
        }

        AssertEndsWithAll(world, seed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(60)]
    public void AmongLostPackets_ItCostsHardlyANode(int seconds)
    {
        const ulong seed = 54;
        int baseline = FoundWithLoss(seed, TimeSpan.Zero);
        int found = FoundWithLoss(seed, TimeSpan.FromSeconds(seconds));
        Assert.True(found >= baseline - (Nodes / 100), $"seed {seed}: {found} found, {baseline} without the outage");
    }

    private static int FoundWithLoss(ulong seed, TimeSpan outage)
    {
        CrawlWorld world = Begin(new Population(Nodes, seed, deadShare: 0.3) { Loss = 0.05 }, seed);
        RunUntil(world, static world => world.Found.Count >= Nodes * 0.3);
        CutOff(world, outage);
        RunUntil(world, static world => IsInLastPass(world));
        CutOff(world, outage);
        world.RunFor(TimeSpan.FromHours(1));
        Assert.True(world.Crawler.IsComplete, $"seed {seed}: {world.Counters}");
        return world.Found.Count;
    }

    private static Population WithNodesThatAnswerTheSecondTime(ulong seed)
    {
        var population = new Population(Nodes, seed, deadShare: 0.1);
        foreach (VirtualNode node in population.Nodes.Skip(1).Where(static (_, i) => i % 3 == 0))
        {
            node.Trick = static answer => answer.IsSilent = answer.Asked == 1;
        }

        return population;
    }

    private static CrawlWorld Begin(Population population, ulong seed)
    {
        var world = new CrawlWorld(population, Options, seed);
        world.Crawler.AddEndpoint(population.Start, world.Now);
        return world;
    }

    private static void RunUntil(CrawlWorld world, Func<CrawlWorld, bool> condition)
    {
        while (!condition(world))
        {
            Assert.False(world.Crawler.IsComplete, $"it ended too early: {world.Counters}");
            world.RunFor(Step);
        }
    }

    /// <summary>Whether a node that has not answered was asked a second time.</summary>
    private static bool IsInLastPass(CrawlWorld world)
    {
        HashSet<Endpoint> found = [.. world.Found.Select(static found => found.Endpoint)];
        return world.Sent.TakeLast(100).Any(sent => !sent.IsFirst && !found.Contains(sent.Destination));
    }

    private static void CutOff(CrawlWorld world, TimeSpan span)
    {
        Instant begin = world.Now;
        world.Population.IsCutOff = true;
        world.RunFor(span);
        world.Population.IsCutOff = false;
        Assert.False(world.Crawler.IsComplete, $"it says that it is complete: {world.Counters}");
        int most = world.MostWithin(
            TimeSpan.FromSeconds(1), sent => sent.At > begin + Noticed && sent.At < begin + span);
        Assert.InRange(most, span > Noticed + Noticed ? 1 : 0, 5);
    }

    private static void AssertEndsWithAll(CrawlWorld world, ulong seed)
    {
        world.RunFor(TimeSpan.FromHours(1));
        Assert.True(world.Crawler.IsComplete, $"seed {seed}: {world.Counters}");
        CrawlerTests.AssertFoundAll(world, seed);
        CrawlerTests.AssertBooksBalance(world, seed);
        world.Crawler.CheckInvariants();
    }
}
