using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Krpc;
using Dht.Engine.Testing;

namespace Dht.Engine.Tests.Testing;

/// <summary>A crawl inside a simulated network.</summary>
public sealed class SimulatedCrawlTests : ICrawlObserver
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly SimulatedNetwork _network = new(new SimulatedNetworkOptions { Seed = 5 });
    private readonly List<CompactNode> _notified = [];
    private bool _isReady = true;
    private bool _isBroken;

    bool ICrawlObserver.IsReady => _isReady;

    void ICrawlObserver.OnNode(in CrawledNode node)
    {
        _notified.Add(new CompactNode(node.Id, node.Endpoint));
        if (_isBroken)
        {
            throw new InvalidOperationException("on purpose");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AllThatAnswer_AreFoundOnce_WithTheirIds(ulong seed)
    {
        var network = new SimulatedNetwork(new SimulatedNetworkOptions
        {
            Seed = seed,
            Link = new SimulatedLink { Duplication = 0.05, Reordering = 0.1 },
        });
        network.AddNodes(40, new SimulatedNodeOptions { Families = IpFamily.Both });
        network.AddNodes(4, new SimulatedNodeOptions { Kind = SimulatedNodeKind.Silent });
        network.AddNodes(2, new SimulatedNodeOptions { Kind = SimulatedNodeKind.Flooder });
        network.Run(Minute);
        var node = new SimulatedNodeOptions { Families = IpFamily.Both };
        SimulatedCrawl crawl = network.AddCrawler(node: node, observer: this);
        Assert.True(crawl.Run(10 * Minute), $"seed {seed}: {crawl.Counters}");
        IEnumerable<CompactNode> live = network.Nodes.Where(static one => one.Kind == SimulatedNodeKind.Honest)
            .SelectMany(static one => new[] { IpFamily.IPv4, IpFamily.IPv6 }.Select(
                family => new CompactNode(one.IdOf(family), one.EndpointOf(family))));
        Assert.Equal(live.OrderBy(Text), crawl.Found.OrderBy(Text));
        Assert.Equal(crawl.Found, _notified);
        Assert.Equal(80, crawl.Counters.NodesAlive);
        Assert.Equal(crawl.Crawler.Id, crawl.Node.Id);

        static string Text(CompactNode one) => one.Endpoint.ToString();
    }

    [Fact]
    public void WithoutFamilies_ItCrawlsThoseOfItsAddresses()
    {
        _network.AddNodes(20, new SimulatedNodeOptions { Families = IpFamily.Both });
        _network.Run(Minute);
        SimulatedCrawl crawl = _network.AddCrawler(node: new SimulatedNodeOptions { Families = IpFamily.IPv6 });
        Assert.True(crawl.Run(10 * Minute));
        Assert.Equal(20, crawl.Found.Count);
        Assert.All(crawl.Found, static found => Assert.True(found.Endpoint.IsIPv6));
    }

    [Fact]
    public void OneSeed_GivesOneTrace_AndAnotherSeedAnother()
    {
        UInt128 first = Trace(7);
        Assert.Equal(first, Trace(7));
        Assert.NotEqual(first, Trace(8));
    }

    [Fact]
    public void ADeadCrawler_GoesOnWhenItIsRevived_AndBeginsAgainWhenRestarted()
    {
        _network.AddNodes(20);
        _network.Run(Minute);
        SimulatedCrawl crawl = _network.AddCrawler(new CrawlOptions { QueriesPerSecond = 10 });
        Assert.True(_network.RunUntil(() => crawl.Found.Count == 5, Minute));
        _network.Kill(crawl.Node);
        Assert.False(crawl.Run(Minute));
        Assert.Equal(5, crawl.Found.Count);
        _network.Revive(crawl.Node);
        Assert.True(crawl.Run(Minute));
        Assert.Equal(20, crawl.Found.Count);
        _network.Restart(crawl.Node);
        Assert.Empty(crawl.Found);
        Assert.Equal(0, crawl.Counters.Queries);
        Assert.True(crawl.Run(Minute));
        Assert.Equal(20, crawl.Found.Count);
    }

    [Fact]
    public void AStalledCrawler_SendsNothing_AndGoesOnAfterwards()
    {
        _network.AddNodes(40);
        _network.Run(Minute);
        SimulatedCrawl crawl = _network.AddCrawler(node: new SimulatedNodeOptions { OutboxCapacity = 2 });
        crawl.Node.IsStalled = true;
        Assert.False(crawl.Run(TimeSpan.FromSeconds(1)));
        Assert.Equal(2, crawl.Counters.Queries);
        Assert.Equal(0, crawl.Counters.Responses);
        crawl.Node.IsStalled = false;
        Assert.True(crawl.Run(Minute));
        Assert.Equal(40, crawl.Found.Count);
    }

    [Fact]
    public void AnObserverThatIsNotReady_HoldsItUp()
    {
        _network.AddNodes(20);
        _network.Run(Minute);
        SimulatedCrawl crawl = _network.AddCrawler(observer: this);
        _isReady = false;
        Assert.False(crawl.Run(Minute));
        Assert.Equal(0, crawl.Counters.Queries);
        _isReady = true;
        Assert.True(crawl.Run(Minute));
        Assert.Equal(20, _notified.Count);
    }

    [Fact]
    public void WhatAnObserverThrows_ComesOut_AndTheCrawlGoesOn()
    {
        _network.AddNodes(20);
        _network.Run(Minute);
        _isBroken = true;
        SimulatedCrawl crawl = _network.AddCrawler(observer: this);
        Assert.Throws<InvalidOperationException>(() => crawl.Run(Minute));
        _isBroken = false;
        Assert.True(crawl.Run(Minute));
        Assert.Equal(20, _notified.Count);
    }

    [Fact]
    public void WithNowhereToBegin_ItIsComplete_UntilAnEndpointIsNamed()
    {
        SimulatedNode only = _network.AddNode();
        SimulatedCrawl crawl = _network.AddCrawler(node: new SimulatedNodeOptions { Bootstrap = [] });
        Assert.True(crawl.Run(Minute));
        Assert.Equal(0, crawl.Counters.Queries);
        Assert.True(crawl.AddEndpoint(only.Endpoint));
        Assert.False(crawl.AddEndpoint(only.Endpoint));
        Assert.False(crawl.IsComplete);
        Assert.True(crawl.Run(Minute));
        Assert.Equal([new CompactNode(only.Id, only.Endpoint)], crawl.Found);
    }

    [Fact]
    public void Misuse_IsRefusedAtTheCall_AndLeavesNothingBehind()
    {
        var silent = new SimulatedNodeOptions { Kind = SimulatedNodeKind.Silent };
        var crawler = new SimulatedNodeOptions { Kind = SimulatedNodeKind.Crawler };
        Assert.Throws<ArgumentException>(() => _network.AddCrawler(node: silent));
        Assert.Throws<ArgumentException>(() => _network.AddNode(crawler));
        Assert.Throws<ArgumentOutOfRangeException>(() => _network.AddCrawler(new CrawlOptions { InFlightMax = 0 }));
        Assert.Empty(_network.Nodes);
        SimulatedCrawl crawl = _network.AddCrawler(node: crawler);
        Assert.Throws<InvalidOperationException>(() => crawl.Node.Node);
        Assert.Throws<ArgumentOutOfRangeException>(() => crawl.Run(-Minute));
    }

    private static UInt128 Trace(ulong seed)
    {
        var network = new SimulatedNetwork(new SimulatedNetworkOptions
        {
            Seed = seed,
            Link = new SimulatedLink { Loss = 0.05 },
        });
        network.AddNodes(30);
        network.AddNodes(2, new SimulatedNodeOptions { Kind = SimulatedNodeKind.Liar });
        network.Run(Minute);
        SimulatedCrawl crawl = network.AddCrawler();
        Assert.True(crawl.Run(10 * Minute), $"seed {seed}: {crawl.Counters}");
        return network.TraceDigest;
    }
}
