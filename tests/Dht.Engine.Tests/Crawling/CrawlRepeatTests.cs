using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Timing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dht.Engine.Tests.Crawling;

/// <summary>A crawl without an end, when everybody that it knows has been asked.</summary>
public class CrawlRepeatTests : ICrawlHost
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    ILogger ICrawlHost.Log => NullLogger.Instance;

    UserFaults ICrawlHost.Faults { get; } = null!;

    bool ICrawlHost.IsCrawling => false;

    Crawler ICrawlHost.CreateCrawler(CrawlOptions options, ICrawlObserver observer, Instant now) =>
        throw new NotSupportedException();

    void ICrawlHost.Attach(ILoopCrawl crawl)
    {
    }

    void ICrawlHost.Wake()
    {
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void AnEntryThatNamesDeadNodesAtFirst_IsAskedAgainAfterAMinute(IpFamily family)
    {
        const ulong seed = 81;
        var population = new Population(100, seed, ipv6Share: family == IpFamily.IPv6 ? 1 : 0);
        var world = new CrawlWorld(population, new CrawlOptions { ExpectedNodes = 1000 }, seed);
        Instant switchAt = world.Now + TimeSpan.FromMinutes(1);
        population.Nodes[0].Trick = answer =>
        {
            if (world.Now < switchAt)
            {
                answer.Contacts.Clear();
                answer.Contacts.AddRange(Dead(8, answer.Id));
            }
        };
        world.Crawler.AddEndpoint(population.Start, world.Now);
        Follow(world, new CrawlRepeat(findStart: null, this), TimeSpan.FromMinutes(2));
        CrawlerTests.AssertFoundAll(world, seed);
        Assert.True(world.Crawler.IsComplete, $"{world.Counters}");
    }

    [Fact]
    public void WhoWasSilent_IsAskedAgain_LessAndLessOften_AndNotForEver()
    {
        const ulong seed = 82;
        var population = new Population(30, seed);
        VirtualNode dead = population.Nodes[3];
        VirtualNode late = population.Nodes[4];
        dead.IsDead = true;
        late.IsDead = true;
        var world = new CrawlWorld(population, new CrawlOptions { ExpectedNodes = 1000 }, seed);
        world.Crawler.AddEndpoint(population.Start, world.Now);
        var repeat = new CrawlRepeat(findStart: null, this);
        Follow(world, repeat, TimeSpan.FromMinutes(4));
        Assert.InRange(dead.Asked, 3, 5);
        late.IsDead = false;
        Follow(world, repeat, TimeSpan.FromHours(8));
        Assert.Contains(world.Found, found => found.Endpoint == late.Endpoint);
        Assert.Equal(CrawlState.RetriesMax + 1, dead.Asked);

        // In the end there is a packet each hour to the one that it began at, and a probe or two beside those to the
        // silent.
        Assert.InRange(population.Nodes[0].Asked, 2, 40);
    }

    [Fact]
    public async Task PlacesThatAreFoundMeanwhile_AreAsked()
    {
        const ulong seed = 83;
        var population = new Population(40, seed);
        VirtualNode stranger = population.Add(Endpoint.FromIPv4(0x08080808, 53), population.Nodes[7].Id);
        var world = new CrawlWorld(population, new CrawlOptions { ExpectedNodes = 1000 }, seed);
        world.Crawler.AddEndpoint(population.Start, world.Now);
        var asked = new TaskCompletionSource();
        var repeat = new CrawlRepeat(
            () =>
            {
                asked.TrySetResult();
                return Task.FromResult<IReadOnlyList<Endpoint>>([stranger.Endpoint]);
            },
            this);
        Follow(world, repeat, TimeSpan.FromMinutes(2));
        await asked.Task;
        for (int i = 0; i < 1000 && !world.Found.Exists(found => found.Endpoint == stranger.Endpoint); i++)
        {
            await Task.Delay(1);
            Follow(world, repeat, Step);
        }

        Assert.Contains(world.Found, found => found.Endpoint == stranger.Endpoint);
    }

    private static IEnumerable<CompactNode> Dead(int count, NodeId id) =>
        Enumerable.Range(1, count).Select(i => new CompactNode(id, Endpoint.FromIPv4(0x09000000 + (uint)i, 6881)));

    private static void Follow(CrawlWorld world, CrawlRepeat repeat, TimeSpan span)
    {
        Instant end = world.Now + span;
        while (world.Now < end)
        {
            world.Pass(Step);
            repeat.Tick(world.Crawler, world.Now);
        }

        world.Crawler.CheckInvariants();
    }
}
