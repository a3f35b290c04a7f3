using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Krpc;

namespace Dht.Engine.Tests.Crawling;

/// <summary>Nodes that answer a crawl with an error: they live, and may only have too much to do just now.</summary>
public class CrawlerRefusalTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(KrpcErrorCode.Generic, 1)]
    [InlineData(KrpcErrorCode.Server, 1)]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    public void ANodeThatRefusesAtFirst_IsAskedAgainASecondLater_AndFoundWithAllThatItAloneKnows(int code, int times)
    {
        const ulong seed = 61;
        var population = new Population(20, seed);
        Assert.All(population.Nodes.Skip(1), node => node.Trick = answer => answer.Contacts.Clear());
        VirtualNode sulking = population.Nodes[5];
        Refuse(sulking, code, times, knows: [.. population.Nodes.Skip(6)]);
        population.Nodes[0].Trick = answer => Name(answer, population.Nodes.Skip(1).Take(5));
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, seed).Run();
        CrawlerTests.AssertFoundAll(world, seed);
        CrawlerTests.AssertBooksBalance(world, seed);
        Assert.Equal((times, 0), (world.Counters.Errors, world.Counters.NodesRefusing));
        Assert.True(world.Crawler.IsComplete);
        AssertWaits(world, sulking, times);
    }

    [Theory]
    [InlineData(IpFamily.IPv4, 1)]
    [InlineData(IpFamily.IPv6, 2)]
    public void TheSoleEntry_MayRefuseAtFirst(IpFamily family, int times)
    {
        const ulong seed = 62;
        var population = new Population(20, seed, ipv6Share: family == IpFamily.IPv6 ? 1 : 0);
        VirtualNode entry = population.Nodes[1];
        Refuse(entry, KrpcErrorCode.Generic, times, knows: population.Nodes);
        var world = new CrawlWorld(population, CrawlWorld.Unpaced, seed);
        world.Crawler.AddEndpoint(entry.Endpoint, world.Now);
        world.RunFor(TimeSpan.FromMinutes(1));
        Assert.True(world.Crawler.IsComplete, $"{world.Counters}");
        CrawlerTests.AssertFoundAll(world, seed);
        AssertWaits(world, entry, times);
    }

    [Fact]
    public void TheSoleEntryThatAlwaysRefuses_EndsTheCrawl_WhichIsNotComplete()
    {
        var population = new Population(1, 63);
        Refuse(population.Nodes[0], KrpcErrorCode.Generic, times: int.MaxValue, knows: []);
        CrawlWorld world = new CrawlWorld(population, new CrawlOptions(), 63).Run(TimeSpan.FromSeconds(20));
        Assert.Equal(3, population.Nodes[0].Asked);
        Assert.Equal(CrawlGaps.Refused, world.Crawler.Gaps);
        Assert.Equal((0, 1), (world.Counters.NodesAlive, world.Counters.NodesRefusing));
    }

    [Fact]
    public void ANodeThatAnsweredBefore_IsNoRefusingOne()
    {
        const ulong seed = 64;
        var population = new Population(100, seed);
        Assert.All(
            population.Nodes.Skip(1).Where(static (_, i) => i % 4 == 0),
            static node => node.Trick = static answer => answer.IsError = answer.Asked > 1);
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, seed).Run();
        CrawlerTests.AssertFoundAll(world, seed);
        Assert.Equal(0, world.Counters.NodesRefusing);
        Assert.True(world.Crawler.IsComplete);
    }

    private static void Refuse(VirtualNode node, int code, int times, IReadOnlyList<VirtualNode> knows) =>
        node.Trick = answer =>
        {
            (answer.IsError, answer.ErrorCode) = (answer.Asked <= times, code);
            Name(answer, knows);
        };

    private static void Name(VirtualAnswer answer, IEnumerable<VirtualNode> nodes)
    {
        answer.Contacts.Clear();
        answer.Contacts.AddRange(nodes.Select(static node => new CompactNode(node.Id, node.Endpoint)));
    }

    private static void AssertWaits(CrawlWorld world, VirtualNode node, int times)
    {
        SentQuery[] sent = [.. world.Sent.Where(sent => sent.Destination == node.Endpoint)];
        Assert.Equal(Second, Shorter(sent[1].At - sent[0].At, Second));
        Assert.True(times < 2 || sent[2].At - sent[1].At >= 2 * Second, "it waits longer the second time");
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
