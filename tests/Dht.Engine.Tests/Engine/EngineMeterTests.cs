using System.Diagnostics.Metrics;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Testing;
using Dht.Engine.Tests.Architecture;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Engine;

/// <summary>Alone in the process: engines of other tests could be bound where one of these was a moment ago.</summary>
[Collection(QuietProcess.Name)]
public sealed class EngineMeterTests
{
    private const string Ping = "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe";

    private static readonly Endpoint Somewhere = Endpoint.Parse("[2001:db8::7]:77");

    private long _next;

    [Fact]
    public void EveryCounter_IsShownOnce()
    {
        var reading = new EngineReading(
            new DhtEngineCounters
            {
                Node = Numbered<NodeCounters>(),
                Transport = Numbered<TransportCounters>(),
                Malformed = ++_next,
                Foreign = ++_next,
                Faults = ++_next,
                BogonsRefused = ++_next,
                Contacts = (int)++_next,
            },
            (int)++_next,
            Numbered<CrawlCounters>());
        var meter = new EngineMeter(null);
        using var probe = new MeterProbe();
        meter.Open(Somewhere, () => reading);
        Dictionary<string, long> figures = probe.Collect(Somewhere);

        // A counter that is missing here needs a line in EngineMeter.Instruments.cs and one in docs/metrics.md.
        Assert.Equal(Enumerable.Range(1, (int)_next).Select(n => (long)n), figures.Values.Order());
        DhtEngineCounters counters = reading.Counters;
        Assert.Equal(counters.Node.QueriesReceived, figures["dht.node.queries.received"]);
        Assert.Equal(counters.Node.QueriesAnswered, figures["dht.node.queries.answered"]);
        Assert.Equal(counters.Node.Throttled, figures["dht.node.queries.throttled"]);
        Assert.Equal(counters.Node.QueriesSent, figures["dht.node.requests.sent"]);
        Assert.Equal(counters.Node.Timeouts, figures["dht.node.requests.timeouts"]);
        Assert.Equal(counters.Node.WrongSource, figures["dht.node.replies.rejected/dht.reason=wrong_source"]);
        Assert.Equal(counters.Contacts, figures["dht.node.contacts"]);
        Assert.Equal(counters.Transport.Received, figures["dht.transport.datagrams.received"]);
        Assert.Equal(counters.Transport.BytesReceived, figures["dht.transport.io/network.io.direction=receive"]);
        Assert.Equal(counters.Transport.BytesSent, figures["dht.transport.io/network.io.direction=transmit"]);
        Assert.Equal(counters.Transport.SendErrors, figures["dht.transport.errors/network.io.direction=transmit"]);
        Assert.Equal(counters.Faults, figures["dht.engine.faults"]);
        Assert.Equal(reading.Crawl!.Value.NodesAlive, figures["dht.crawl.nodes.alive"]);
        meter.Close();
        meter.Close();
        Assert.Empty(probe.Collect(Somewhere));
    }

    [Fact]
    public void EveryInstrument_IsInTheDocument_WithItsUnit()
    {
        string document = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "metrics.md"));
        var meter = new EngineMeter(null);
        using var probe = new MeterProbe();
        meter.Open(Somewhere, () => new EngineReading(default, 0, default(CrawlCounters)));
        probe.Collect(Somewhere);
        Assert.True(probe.Instruments.Count > 30);
        foreach (Instrument instrument in probe.Instruments)
        {
            Assert.Contains($"| `{instrument.Name}` | {instrument.Unit} |", document, StringComparison.Ordinal);
            Assert.False(string.IsNullOrEmpty(instrument.Description));
            Assert.Equal("0.1.0", instrument.Meter.Version);
        }

        meter.Close();
    }

    [Fact]
    public async Task TwoEngines_AreToldApart_AndAreGoneAfterTheyStop()
    {
        using var probe = new MeterProbe();
        await using DhtEngine busy = Loopback.Start(Loopback.Options());
        await using DhtEngine idle = Loopback.Start(Loopback.Options());
        (Endpoint busyAt, Endpoint idleAt) = (busy.LocalEndpoint, idle.LocalEndpoint);
        Greet(busy, 3);
        DhtEngineCounters before = busy.Counters;
        Dictionary<string, long> figures = probe.Collect(busyAt);
        DhtEngineCounters after = busy.Counters;
        Assert.Equal(3, figures["dht.node.queries.received"]);
        Assert.Equal(3, figures["dht.node.queries.answered"]);
        Assert.Equal(3 * Ping.Length, figures["dht.transport.io/network.io.direction=receive"]);
        Assert.InRange(
            figures["dht.transport.io/network.io.direction=transmit"],
            before.Transport.BytesSent,
            after.Transport.BytesSent);
        Assert.InRange(figures["dht.node.requests.sent"], before.Node.QueriesSent, after.Node.QueriesSent);
        Assert.InRange(before.Node.QueriesSent, 1, long.MaxValue);
        Assert.DoesNotContain("dht.crawl.nodes.seen", figures.Keys);
        Assert.Equal(0, probe.Collect(idleAt)["dht.node.queries.received"]);

        probe.Collect(busyAt);
        IReadOnlyCollection<Instrument> ofBusy = probe.Instruments;
        await busy.StopAsync();
        Assert.All(ofBusy, instrument => Assert.True(probe.IsCompleted(instrument), instrument.Name));
        Assert.Empty(probe.Collect(busyAt));
        Assert.NotEmpty(probe.Collect(idleAt));
        await idle.StopAsync();
        Assert.Empty(probe.Collect(idleAt));
    }

    [Fact]
    public async Task StartedAgain_ItHasEachInstrumentOnce_AndCountsAnew()
    {
        using var probe = new MeterProbe();
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        Greet(engine, 2);
        Endpoint first = engine.LocalEndpoint;
        probe.Collect(first);
        int instruments = probe.Instruments.Count;
        await engine.StopAsync();
        engine.Start();

        // Collect itself fails when a name comes twice.
        Assert.Equal(0, probe.Collect(engine.LocalEndpoint)["dht.node.queries.received"]);
        Assert.Equal(instruments, probe.Instruments.Count);
        Assert.True(first == engine.LocalEndpoint || probe.Collect(first).Count == 0);
    }

    [Fact]
    public async Task AMeterOfAFactory_IsUsedAgain_AndSilentInBetween()
    {
        using var factory = new CachingMeterFactory();
        using var probe = new MeterProbe();
        await using var engine = new DhtEngine(Loopback.Options() with { MeterFactory = factory });
        IReadOnlyCollection<Instrument>? instruments = null;
        for (int round = 0; round < 3; round++)
        {
            engine.Start();
            Endpoint local = engine.LocalEndpoint;
            Assert.NotEmpty(probe.Collect(local));
            instruments ??= probe.Instruments;
            Assert.Equal(instruments, probe.Instruments);
            await engine.StopAsync();
            Assert.Empty(probe.Collect(local));
            Assert.All(instruments, instrument => Assert.False(probe.IsCompleted(instrument)));
        }

        Assert.Equal(1, factory.Count);
    }

    [Fact]
    public async Task AStartThatFails_LeavesNothing()
    {
        using var probe = new MeterProbe();
        var engine = new DhtEngine(
            Loopback.Options() with { Random = new NoRandomSource(), CreateTransport = () => new IdleTransport() });
        Assert.Throws<NotSupportedException>(engine.Start);
        Assert.False(engine.IsRunning);
        Assert.Empty(probe.Collect(new IdleTransport().LocalEndpoint));
        await engine.StopAsync();
    }

    [Fact]
    public async Task ACrawl_IsShownWhileItIsUnderWay()
    {
        using var probe = new MeterProbe();
        using LoopbackSwarm swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 100 });
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        CrawlHandle crawl = engine.StartCrawl(
            new CrawlRequest { Start = [swarm.EndpointOf(0)], UntilComplete = false });
        Dictionary<string, long> figures = [];
        Assert.True(SpinWait.SpinUntil(
            () => (
                figures = probe.Collect(
                    engine.LocalEndpoint)).GetValueOrDefault("dht.crawl.nodes.alive") > 50, TimeSpan.FromSeconds(60)));
        Assert.InRange(figures["dht.crawl.nodes.seen"], figures["dht.crawl.nodes.alive"], 100);
        crawl.Stop();
        await crawl.Completion;
        Assert.True(SpinWait.SpinUntil(
            () => !probe.Collect(engine.LocalEndpoint).ContainsKey("dht.crawl.nodes.alive"), TimeSpan.FromSeconds(60)));
    }

    private static void Greet(DhtEngine engine, int count)
    {
        using Socket socket = Loopback.Connect(engine);
        for (int i = 0; i < count; i++)
        {
            Loopback.Ask(socket, Encoding.Latin1.GetBytes(Ping));
        }
    }

    /// <summary>Counters each of which has a number of its own; what is no number is left out.</summary>
    private T Numbered<T>()
        where T : struct
    {
        object counters = default(T);
        foreach (PropertyInfo property in typeof(T).GetProperties().Where(static p => !p.PropertyType.IsEnum))
        {
            property.SetValue(
                counters,
                Convert.ChangeType(++_next, property.PropertyType, System.Globalization.CultureInfo.InvariantCulture));
        }

        return (T)counters;
    }

    private sealed class NoRandomSource : IRandomSource
    {
        public void Fill(Span<byte> destination) => throw new NotSupportedException("no luck");
    }
}
