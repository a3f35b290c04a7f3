using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Testing;
using Dht.Engine.Tests.Architecture;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Crawling;

/// <summary>Whole crawls through the engine, over real sockets on loopback.</summary>
[Collection(QuietProcess.Name)]
public class CrawlerSwarmTests
{
    // A victim of the hostile nodes is still asked slowly enough, and the tests need not wait for it.
    private static readonly CrawlOptions Unpaced = new()
    {
        QueriesPerSecond = 0,
        NewDestinationsPerSecond = 0,
        QueriesPerSecondPerAddress = 100,
        SilentRetries = 3,
    };

    [Theory]
    [InlineData(TransportKind.Auto, 20_000)]
    [InlineData(TransportKind.Ring, 5_000)]
    public async Task NearlyAllLiveNodes_AreFound(TransportKind transport, int nodes)
    {
        await using var swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions
        {
            Nodes = nodes,
            Seed = 51,
            DeadPercent = 30,
            LossPercent = 2,
            HostilePercent = 2,
        });
        await using DhtEngine engine = StartEngine(transport);
        var observer = new SwarmObserver(swarm);
        CrawlReport report = await engine.CrawlAsync(RequestFor(swarm, observer));
        string context = $"{observer.Live} of {swarm.LiveCount}, {swarm.Notice} {report}";
        Assert.True(report.IsComplete, context);
        Assert.True(observer.Live >= swarm.LiveCount * 0.999, context);
        Assert.True(observer.Wrong == 0, $"{observer.Wrong} wrong; {context}");
        CrawlCounters counters = report.Counters;
        long ended = counters.Responses + counters.Errors + counters.Timeouts + counters.NotSent + counters.TakenBack;
        Assert.Equal(counters.Queries, ended);
        Assert.Equal(0, counters.Frontier);
    }

    [Fact]
    public async Task AStopInTheMiddle_ReturnsWhatWasGathered()
    {
        const int enough = 1000;
        await using var swarm = LoopbackSwarm.Start(
            new LoopbackSwarmOptions { Nodes = 20_000, Seed = 52, DeadPercent = 30 });
        await using DhtEngine engine = StartEngine(TransportKind.Auto);
        using var stop = new CancellationTokenSource();
        var observer = new SwarmObserver(swarm) { MarkEvery = enough, OnMark = stop.Cancel };
        CrawlReport report = await engine.CrawlAsync(RequestFor(swarm, observer), stop.Token);
        Assert.False(report.IsComplete);
        Assert.Equal(observer.Live, report.Counters.NodesAlive);
        Assert.InRange(observer.Live, enough, swarm.LiveCount - 1);

        // The next one starts from nothing and is not disturbed by answers to the first.
        var second = new SwarmObserver(swarm);
        report = await engine.CrawlAsync(RequestFor(swarm, second));
        bool foundAll = second.Wrong == 0 && second.Live >= swarm.LiveCount * 0.999;
        Assert.True(report.IsComplete && foundAll, $"{second.Live} of {swarm.LiveCount}: {report}");
    }

    private static DhtEngine StartEngine(TransportKind transport)
    {
        var engine = new DhtEngine(new DhtEngineOptions
        {
            Bind = Endpoint.FromIPv4(0x7F000001, 0),
            Transport = transport,
            AddressPolicy = AddressPolicy.AllowLocal,
        });
        engine.Start();
        return engine;
    }

    private static CrawlRequest RequestFor(LoopbackSwarm swarm, SwarmObserver observer) => new()
    {
        Start = [swarm.EndpointOf(0)],

        // Where all nodes share one address, that address is no crowd.
        Options = swarm.Notice is null
            ? Unpaced
            : Unpaced with { NodesPerAddressMax = 0, QueriesPerSecondPerAddress = 0 },
        Observer = observer,
    };
}
