using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Crawling;

/// <summary>How fast a crawl is, and how it waits.</summary>
public class CrawlerPacingTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(50, 1)]
    [InlineData(500, 10)]
    [InlineData(2000, 40)]
    public void QueriesPerSecond_IsNeverExceeded(int rate, int burst)
    {
        const ulong seed = 21;
        var population = new Population(1000, seed, deadShare: 0.2);
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced with { QueriesPerSecond = rate }, seed).Run();
        CrawlerTests.AssertFoundAll(world, seed);
        Assert.InRange(world.MostWithin(Second, static _ => true), Math.Min(rate, 300), rate + burst);
    }

    [Theory]
    [InlineData(50, 1)]
    [InlineData(500, 10)]
    public void NewDestinationsPerSecond_IsNeverExceeded(int rate, int burst)
    {
        const ulong seed = 22;
        var population = new Population(1000, seed, deadShare: 0.2);
        CrawlOptions options = CrawlWorld.Unpaced with { NewDestinationsPerSecond = rate };
        CrawlWorld world = new CrawlWorld(population, options, seed).Run();
        CrawlerTests.AssertFoundAll(world, seed);
        Assert.InRange(world.MostWithin(Second, static sent => sent.IsFirst), Math.Min(rate, 300), rate + burst);
    }

    [Fact]
    public void NewDestinationsPerSecond_HoldsForManyPortsOfOneAddressToo()
    {
        const ulong seed = 23;
        const int rate = 100;
        var population = new Population(1, seed);
        List<CompactNode> crowd = Strangers(population, addresses: 100, ports: 20);
        population.Nodes[0].Trick = answer => answer.Contacts.AddRange(crowd.Skip((answer.Asked - 1) * 60).Take(60));
        var random = new SeededRandomSource(seed);
        foreach (CompactNode one in crowd)
        {
            // Everybody names some of the others.
            population.NodeAt(one.Endpoint).Trick = answer =>
            {
                int first = random.Next(crowd.Count / 20) * 20;
                answer.Contacts.AddRange(crowd.Skip(first).Take(40));
            };
        }

        CrawlOptions options = CrawlWorld.Unpaced with
        {
            NewDestinationsPerSecond = rate,
            QueriesPerSecondPerAddress = 4,
        };
        CrawlWorld world = new CrawlWorld(population, options, seed).Run();
        Assert.Equal(crowd.Count + 1, world.Found.Count);
        Assert.InRange(world.MostWithin(Second, static sent => sent.IsFirst), rate / 2, rate + 2);
    }

    [Fact]
    public void OneAddress_GetsFourQueriesPerSecond_AndNoBurst()
    {
        const ulong seed = 24;
        var population = new Population(1, seed);
        List<CompactNode> crowd = Strangers(population, addresses: 1, ports: 60);
        CrawlWorld world = new CrawlWorld(population, new CrawlOptions { ExpectedNodes = 100 }, seed);
        crowd.ForEach(one => world.Crawler.AddEndpoint(one.Endpoint, world.Now));
        world.Run();
        Assert.Equal(61, world.Found.Count);
        uint address = crowd[0].Endpoint.IPv4Bits;
        for (int seconds = 1; seconds <= 10; seconds++)
        {
            int most = world.MostWithin(TimeSpan.FromSeconds(seconds), sent => sent.Destination.IPv4Bits == address);
            Assert.InRange(most, 1, (4 * seconds) + 1);
        }
    }

    [Fact]
    public void WhileItWaits_ItIsRarelyTicked()
    {
        const ulong seed = 25;
        var population = new Population(400, seed, deadShare: 0.5);
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced with { QueriesPerSecond = 10 }, seed).Run();
        double ticksPerSecond = world.Ticks / world.Elapsed.TotalSeconds;
        Assert.InRange(ticksPerSecond, 1, 60);
    }

    [Fact]
    public void WhileTheObserverIsNotReady_NothingIsAsked_AndNothingIsLost()
    {
        const ulong seed = 26;
        var population = new Population(800, seed, deadShare: 0.2);
        population.SetRoundTrips(TimeSpan.FromMilliseconds(100), 0.4);
        var world = new CrawlWorld(population, CrawlWorld.Unpaced, seed);
        world.Crawler.AddEndpoint(population.Start, world.Now);
        bool paused = false;
        for (int round = 0; round < 400 && !world.Crawler.IsComplete; round++)
        {
            int before = world.Sent.Count;
            long ticks = world.Ticks;
            Instant now = world.Now;
            world.RunFor(TimeSpan.FromMilliseconds(250));
            Assert.True(world.IsReady || world.Sent.Count == before, $"seed {seed}, round {round}");

            // Every answer may be worth a tick; beyond those it looks in fifty times a second.
            Assert.True(
                world.IsReady || world.Ticks - ticks <= 700, $"{world.Ticks - ticks} ticks in {world.Now - now}");
            world.IsReady = !world.IsReady;
            paused |= !world.IsReady;
        }

        world.IsReady = true;
        world.RunFor(TimeSpan.FromMinutes(5));
        Assert.True(paused && world.Crawler.IsComplete, $"{world.Counters}");
        CrawlerTests.AssertFoundAll(world, seed);
        CrawlerTests.AssertBooksBalance(world, seed);
    }

    private static List<CompactNode> Strangers(Population population, int addresses, int ports)
    {
        var random = new SeededRandomSource(99);
        var strangers = new List<CompactNode>();
        for (int i = 0; i < addresses * ports; i++)
        {
            var endpoint = Endpoint.FromIPv4(0x08000000 + (uint)(i / ports), (ushort)(1000 + (i % ports)));
            strangers.Add(new CompactNode(population.Add(endpoint, NodeId.Random(random)).Id, endpoint));
        }

        return strangers;
    }
}
