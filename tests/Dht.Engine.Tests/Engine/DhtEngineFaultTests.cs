using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Testing;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// Parts of the user that throw, callers that misuse what they were given, and calls that race with the end.
/// </summary>
public sealed class DhtEngineFaultTests
{
    [Fact]
    public async Task ACrawlWhosePolicyThrows_AsksNobody_AndTheNextOneWorks()
    {
        var policy = new SwitchedPolicy();
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with { AddressPolicy = policy });
        policy.Throws = true;
        CrawlHandle crawl = engine.StartCrawl(new CrawlRequest { Start = [Loopback.AnyPort.WithPort(9)] });
        CrawlReport refused = await crawl.Completion.WaitAsync(Loopback.Patience);
        Assert.Equal(0, refused.Counters.NodesSeen);
        Assert.Equal(0, refused.Counters.Queries);
        Assert.True(engine.Counters.Faults > 0);
        policy.Throws = false;
        Assert.True(engine.IsRunning);
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        Assert.Equal(QueryStatus.Answered, (await engine.PingAsync(other.LocalEndpoint)).Status);
        CrawlReport report = await engine.CrawlAsync(new CrawlRequest
        {
            Start = [other.LocalEndpoint],
            Options = new CrawlOptions { SilentRetries = 7 },
        }).WaitAsync(Loopback.Patience);
        Assert.Equal(1, report.Counters.NodesAlive);
    }

    [Fact]
    public async Task CancelledPings_DisturbNobody()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with
        {
            Node = new NodeOptions { QueriesPerSecondPerAddress = 0, QueryTimeout = Loopback.Patience },
        });
        await using DhtEngine other = Loopback.Start(
            Loopback.Options() with { Node = new NodeOptions { AnswersPerSecondPerAddress = 0 } });
        for (int round = 0; round < 200; round++)
        {
            using var cancellation = new CancellationTokenSource();
            ValueTask<PingResult>[] cancelled =
                [.. Enumerable.Range(0, 5).Select(_ => engine.PingAsync(other.LocalEndpoint, cancellation.Token))];
            await cancellation.CancelAsync();
            foreach (ValueTask<PingResult> ping in cancelled)
            {
                try
                {
                    await ping;
                }
                catch (OperationCanceledException)
                {
                    // Or it was answered before.
                }
            }

            PingResult live = await engine.PingAsync(other.LocalEndpoint);
            Assert.Equal((QueryStatus.Answered, other.Id), (live.Status, live.Id));
        }

        Assert.True(
            engine.Counters.Node.QueriesSent <= 200 * 6 + 10,
            $"{engine.Counters.Node.QueriesSent} queries for 1,200 pings");
    }

    [Fact]
    public async Task AResultReadTwiceOrTooEarly_Throws_AndDisturbsNobody()
    {
        await using DhtEngine engine = Loopback.Start(
            Loopback.Options() with { Node = new NodeOptions { QueriesPerSecondPerAddress = 0 } });
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Endpoint nobody = Loopback.AnyPort.WithPort((ushort)((IPEndPoint)silent.LocalEndPoint!).Port);

        ValueTask<PingResult> early = engine.PingAsync(nobody);
        Assert.Throws<InvalidOperationException>(() => early.GetAwaiter().GetResult());
        ValueTask<PingResult> twice = engine.PingAsync(other.LocalEndpoint);
        await twice;
        Assert.Throws<InvalidOperationException>(() => twice.GetAwaiter().GetResult());

        ValueTask<PingResult> toNobody = engine.PingAsync(nobody);
        Assert.Equal(QueryStatus.Answered, (await Loopback.PingUntilAnswered(engine, other.LocalEndpoint)).Status);
        Assert.Equal(QueryStatus.TimedOut, (await toNobody).Status);
        Assert.Equal(QueryStatus.TimedOut, (await early).Status);
    }

    [Fact]
    public async Task ManyCalls_AreAllTakenUp_ThoughOneWakeTellsOfThem()
    {
        await using DhtEngine engine = Loopback.Start(
            Loopback.Options() with { CreateTransport = () => new IdleTransport() });
        Task<PingResult>[] pings =
            [.. Enumerable.Range(0, 1000).Select(_ => engine.PingAsync(Loopback.AnyPort).AsTask())];
        PingResult[] results = await Task.WhenAll(pings).WaitAsync(Loopback.Patience);
        Assert.All(results, static result => Assert.Equal(QueryStatus.Forbidden, result.Status));
    }

    [Fact]
    public async Task ATransportThatWillNotGo_IsToldByCompletion_AndEndsNothingElse()
    {
        var engine = Loopback.Start(
            Loopback.Options() with { CreateTransport = () => new IdleTransport { ThrowsOnDispose = true } });
        Task completion = engine.Completion;
        ValueTask<PingResult> waiting = engine.PingAsync(Loopback.AnyPort.WithPort(9));
        await engine.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => completion.WaitAsync(Loopback.Patience));
        Assert.Equal(QueryStatus.Stopped, (await waiting).Status);
    }

    [Fact]
    public async Task ATableThatThrows_LeavesNoPingWaiting()
    {
        var faulted = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with
        {
            Node = new NodeOptions
            {
                Tables = [new BrokenTable(default, IpFamily.IPv4)],
                QueryTimeout = Loopback.Patience,
            },
            OnFault = fault => faulted.TrySetResult(fault),
        });
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        PingResult ping = await engine.PingAsync(other.LocalEndpoint).AsTask().WaitAsync(Loopback.Patience);
        Assert.Equal((QueryStatus.Answered, other.Id), (ping.Status, ping.Id));
        Assert.Equal("full of holes", (await faulted.Task.WaitAsync(Loopback.Patience)).Message);
    }

    [Fact]
    public async Task AnObserverThatCannotSayWhetherItIsReady_PausesTheCrawl()
    {
        using LoopbackSwarm swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 50 });
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        var observer = new UnreadyObserver(failures: 3);
        CrawlReport report = await engine.CrawlAsync(
            new CrawlRequest { Start = [swarm.EndpointOf(0)], Observer = observer }).WaitAsync(Loopback.Patience);
        Assert.Equal(50, report.Counters.NodesAlive);
        Assert.Equal(3, engine.Counters.Faults);
    }

    [Fact]
    public async Task EveryoneWhoStops_WaitsForTheSameEnd()
    {
        for (int round = 0; round < 20; round++)
        {
            DhtEngine engine = Loopback.Start(Loopback.Options());
            DhtEngineOptions same = Loopback.Options() with { Bind = engine.LocalEndpoint };
            Task first = engine.StopAsync();
            await engine.DisposeAsync();
            await using DhtEngine next = Loopback.Start(same);
            await first;
        }
    }

    [Fact]
    public async Task AFamilyThatTheSocketCannotReach_IsForbiddenAtOnce()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        Assert.Equal(QueryStatus.Forbidden, (await engine.PingAsync(Endpoint.Parse("[::1]:6881"))).Status);
        Assert.Equal(0, engine.Counters.Transport.SendErrors);
    }

    [Fact]
    public async Task TwoNodes_JoinThroughEachOther_ButNoneEntersATableAsRouter()
    {
        await using DhtEngine first = Loopback.Start(Loopback.Options());
        await using DhtEngine second = Loopback.Start(Loopback.Options() with { Bootstrap = [first.LocalEndpoint] });
        await using DhtEngine third = Loopback.Start(Loopback.Options() with { Routers = [first.LocalEndpoint] });
        using var limit = new CancellationTokenSource(Loopback.Patience);
        while (second.Counters.Contacts == 0 || first.Counters.Contacts < 1)
        {
            await Task.Delay(10, limit.Token);
        }

        Assert.Equal(QueryStatus.Answered, (await third.PingAsync(first.LocalEndpoint)).Status);
        Assert.True(third.Counters.Contacts <= 1, "the router itself is no contact");
    }

    private sealed class SwitchedPolicy : IAddressPolicy
    {
        public volatile bool Throws;

        public AddressVerdict Check(in Endpoint endpoint) =>
            Throws ? throw new NotSupportedException("not today") : AddressPolicy.AllowLocal.Check(endpoint);
    }

    private sealed class UnreadyObserver(int failures) : ICrawlObserver
    {
        private int _left = failures;

        public bool IsReady => _left-- > 0 ? throw new InvalidOperationException("who knows") : true;

        public void OnNode(in CrawledNode node)
        {
        }
    }

    private sealed class BrokenTable(NodeId self, IpFamily family) : IRoutingTable
    {
        public NodeId Self { get; private set; } = self;

        public IpFamily Family => family;

        public IContactListener? Listener { get; set; }

        public int Count => 0;

        public bool Wants(in NodeId id, in Endpoint endpoint) => true;

        public bool Insert(in NodeId id, in Endpoint endpoint, Instant now) =>
            throw new InvalidOperationException("full of holes");

        public void MarkFailed(in NodeId id, in Endpoint endpoint) =>
            throw new InvalidOperationException("full of holes");

        public void MarkHeard(in NodeId id, in Endpoint endpoint, Instant now) =>
            throw new InvalidOperationException("full of holes");

        public int CopyClosest(in NodeId target, in NodeId except, Span<byte> destination) => 0;

        public bool TryGetNext(ref int cursor, Instant now, out Contact contact)
        {
            contact = default;
            return false;
        }

        public void Rebase(in NodeId self, Instant now) => Self = self;

        public bool TryGetRefreshTarget(Instant now, IRandomSource random, out NodeId target)
        {
            target = default;
            return false;
        }

        public bool TryGetStale(Instant now, out CompactNode contact)
        {
            contact = default;
            return false;
        }
    }
}
