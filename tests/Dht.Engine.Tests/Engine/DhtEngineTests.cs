using System.Net.Sockets;
using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Testing;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Engine;

public sealed class DhtEngineTests
{
    private const string Ping = "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe";

    public static TheoryData<TransportKind> Transports => Loopback.Transports;

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task StartAndStop_PortIsReadAndFreed_AndItStartsAgain(TransportKind kind)
    {
        DhtEngine engine = Loopback.Start(Loopback.Options(kind));
        Endpoint bound = engine.LocalEndpoint;
        Assert.NotEqual(0, bound.Port);
        await engine.StopAsync();
        Assert.False(engine.IsRunning);

        await using DhtEngine second = Loopback.Start(Loopback.Options(kind) with { Bind = bound });
        Assert.Equal(bound, second.LocalEndpoint);
        engine.Start();
        using Socket socket = Loopback.Connect(engine);
        AssertPong(Loopback.Ask(socket, Encoding.Latin1.GetBytes(Ping)));
        await engine.DisposeAsync();
        await engine.StopAsync();
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task FailedBind_TellsWhy_AndCanBeRetried(TransportKind kind)
    {
        DhtEngine holder = Loopback.Start(Loopback.Options(kind));
        var engine = new DhtEngine(Loopback.Options(kind) with { Bind = holder.LocalEndpoint });
        SocketException failure = Assert.Throws<SocketException>(engine.Start);
        Assert.Equal(SocketError.AddressAlreadyInUse, failure.SocketErrorCode);
        Assert.False(engine.IsRunning);
        await holder.StopAsync();
        engine.Start();
        await engine.StopAsync();
    }

    [Fact]
    public async Task ACrawlThatIsStoppedWhileNamesAreResolved_EndsWithNothing()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with
        {
            Bootstrap = [HostPort.Parse("no-such-host.invalid:6881")],
        });
        CrawlReport report = await engine.CrawlAsync(new CrawlRequest(), new CancellationToken(canceled: true));
        Assert.Equal(default, report);
    }

    [Fact]
    public async Task Misuse_ThrowsAtTheCall_WithAdvice()
    {
        await using var engine = new DhtEngine(Loopback.Options());
        Assert.Contains(
            "call Start",
            Assert.Throws<InvalidOperationException>(() => engine.LocalEndpoint).Message,
            StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => engine.StartCrawl(new CrawlRequest()));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await engine.PingAsync(Loopback.AnyPort));
        engine.Start();
        Assert.Contains(
            "started already",
            Assert.Throws<InvalidOperationException>(engine.Start).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "somewhere to begin",
            Assert.Throws<InvalidOperationException>(() => engine.StartCrawl(new CrawlRequest())).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => engine.StartCrawl(new CrawlRequest { Options = new CrawlOptions { AsksPerNodeMax = 0 } }));

        Assert.Throws<ArgumentOutOfRangeException>(
            () => new DhtEngine(Loopback.Options() with { Node = new NodeOptions { ContactsPerReply = 0 } }));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task TwoEngines_PingEachOther(TransportKind kind)
    {
        await using DhtEngine left = Loopback.Start(Loopback.Options(kind));
        await using DhtEngine right = Loopback.Start(Loopback.Options(kind));
        PingResult there = await left.PingAsync(right.LocalEndpoint);
        PingResult back = await right.PingAsync(left.LocalEndpoint);
        Assert.Equal((QueryStatus.Answered, right.Id), (there.Status, there.Id));
        Assert.Equal((QueryStatus.Answered, left.Id), (back.Status, back.Id));
        Assert.Equal(new NodeVersion("DE\0\x01"u8), there.Version);
        Assert.InRange(there.RoundTrip, TimeSpan.Zero, Loopback.Patience);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task OverIPv6AndDualStack_PingIsAnswered(TransportKind kind)
    {
        DhtEngineOptions options = Loopback.Options(kind);
        await using DhtEngine six = Loopback.Start(options with { Bind = Endpoint.Parse("[::1]:0") });
        await using DhtEngine both = Loopback.Start(options with { Bind = Endpoint.Parse("[::]:0") });
        await using DhtEngine four = Loopback.Start(options);
        Endpoint bothOverFour = Loopback.AnyPort.WithPort(both.LocalEndpoint.Port);
        Endpoint bothOverSix = Endpoint.Parse("[::1]:1").WithPort(both.LocalEndpoint.Port);
        Assert.Equal(both.Id, (await six.PingAsync(bothOverSix)).Id);
        Assert.Equal(both.Id, (await four.PingAsync(bothOverFour)).Id);
        Assert.Equal(six.Id, (await both.PingAsync(six.LocalEndpoint)).Id);
        Assert.Equal(four.Id, (await both.PingAsync(four.LocalEndpoint)).Id);
    }

    [Fact]
    public async Task Ping_EndsInEveryWay()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with
        {
            Node = new NodeOptions
            {
                QueryTimeout = TimeSpan.FromMilliseconds(200),
                QueriesPerSecondPerAddress = 0.001,
            },
        });
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        Endpoint nobody = Loopback.AnyPort.WithPort((ushort)((System.Net.IPEndPoint)silent.LocalEndPoint!).Port);
        Assert.Equal(QueryStatus.TimedOut, (await engine.PingAsync(nobody)).Status);
        Assert.Equal(QueryStatus.Forbidden, (await engine.PingAsync(nobody.WithPort(0))).Status);

        // Four at once to one address; then, at this rate, each is refused for a while.
        var flood = Enumerable.Range(0, 20).Select(_ => engine.PingAsync(nobody).AsTask()).ToArray();
        Assert.Contains(await Task.WhenAll(flood), result => result.Status == QueryStatus.Throttled);

        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        await Assert.ThrowsAsync<OperationCanceledException>(
            async () => await engine.PingAsync(nobody, cancelled.Token));
    }

    [Fact]
    public async Task Stop_EndsOpenPings()
    {
        DhtEngine engine = Loopback.Start(
            Loopback.Options() with { Node = new NodeOptions { QueryTimeout = TimeSpan.FromHours(1) } });
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        Endpoint nobody = Loopback.AnyPort.WithPort((ushort)((System.Net.IPEndPoint)silent.LocalEndPoint!).Port);
        ValueTask<PingResult> waiting = engine.PingAsync(nobody);
        using var cancellation = new CancellationTokenSource();
        ValueTask<PingResult> given = engine.PingAsync(nobody, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await given);
        await engine.StopAsync();
        Assert.Equal(QueryStatus.Stopped, (await waiting).Status);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task SurvivesAnyDatagram_AndAnswersTheNextPing(TransportKind kind)
    {
        DhtEngineOptions options = Loopback.Options(kind);
        await using DhtEngine engine = Loopback.Start(
            options with { Node = new NodeOptions { AnswersPerSecondPerAddress = 0 } });
        using Socket socket = Loopback.Connect(engine);
        foreach (string hostile in Hostile())
        {
            socket.Send(Encoding.Latin1.GetBytes(hostile));
            DrainUntilPong(socket, hostile);
        }

        Assert.Equal(0, engine.Counters.Faults);
    }

    [Fact]
    public async Task DatagramsOfOtherProtocols_AreHandedBack()
    {
        var receiver = new RecordingReceiver();
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with { ForeignReceiver = receiver });
        using Socket socket = Loopback.Connect(engine);
        socket.Send([0x41, 0x00, 1, 2, 3]);
        AssertPong(Loopback.Ask(socket, Encoding.Latin1.GetBytes(Ping)));
        Assert.Equal([0x41, 0x00, 1, 2, 3], Assert.Single(receiver.Datagrams));
        Assert.Equal(1, engine.Counters.Foreign);
    }

    [Fact]
    public async Task ThrowingUserCode_IsCountedAndReported_AndTheLoopGoesOn()
    {
        var reported = new List<Exception>();
        using LoopbackSwarm swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 50 });
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with
        {
            OnFault = fault =>
            {
                reported.Add(fault);
                throw new InvalidOperationException("the handler fails too");
            },
        });
        CrawlReport report = await engine.CrawlAsync(new CrawlRequest
        {
            Start = [swarm.EndpointOf(0)],
            Observer = new ThrowingObserver(),
            Options = new CrawlOptions { QueriesPerSecond = 0, NewDestinationsPerSecond = 0 },
        });
        Assert.True(report.IsComplete);
        Assert.Equal(swarm.LiveCount, report.Counters.NodesAlive);
        Assert.Equal(swarm.LiveCount, reported.Count);
        Assert.Equal(2 * swarm.LiveCount, engine.Counters.Faults);
    }

    [Fact]
    public async Task Crawl_OneAtATime_StopsEarly_AndAnotherMayFollow()
    {
        using LoopbackSwarm swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 2000 });
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with { Bootstrap = [swarm.EndpointOf(0)] });
        CrawlHandle first = engine.StartCrawl(new CrawlRequest { UntilComplete = false });
        CrawlHandle second = engine.StartCrawl(new CrawlRequest());
        await Assert.ThrowsAsync<InvalidOperationException>(() => second.Completion);
        first.Stop();
        CrawlReport stopped = await first.Completion;
        Assert.False(stopped.IsComplete);

        CrawlReport whole = await engine.CrawlAsync(new CrawlRequest
        {
            Options = new CrawlOptions { QueriesPerSecond = 0, NewDestinationsPerSecond = 0 },
            NodesMax = 500,
        });
        Assert.InRange(whole.Counters.NodesAlive, 500, 2000);
    }

    private static IEnumerable<string> Hostile()
    {
        const string id = "2:id20:abcdefghij0123456789";
        yield return "x";
        yield return "d";
        yield return string.Empty;
        yield return $"d1:ad{id}e1:q4:ping1:t2:aa1:y1:ze";
        yield return $"d1:ad{id}e1:q4:ping1:t2:aa1:yi5ee";
        yield return "d1:ad2:id2:abe1:q4:ping1:t2:aa1:y1:qe";
        yield return "d1:ai5e1:q4:ping1:t2:aa1:y1:qe";
        yield return $"d1:ad{id}e1:q4:\xff\xfe\xfd\xfc1:t2:aa1:y1:qe";
        yield return $"d1:ad{id}e1:q4:ping1:ti5e1:y1:qe";
        yield return new string('l', 20_000) + new string('e', 20_000);
        yield return "d1:a" + new string('l', 20_000) + new string('e', 20_000) + "1:q4:ping1:t2:aa1:y1:qe";
        yield return "d1:rd2:id20:abcdefghij0123456789e1:t4:aaaa1:y1:re";
        yield return "d1:eli201e3:bade1:t4:aaaa1:y1:ee";
    }

    /// <summary>The hostile datagram may have earned an error; the pong must follow whatever came first.</summary>
    private static void DrainUntilPong(Socket socket, string hostile)
    {
        byte[] query = Encoding.Latin1.GetBytes(Ping.Replace("2:aa", "2:zz", StringComparison.Ordinal));
        byte[] answer = Loopback.Ask(socket, query);
        byte[] buffer = new byte[2048];
        while (answer.AsSpan().IndexOf("1:t2:zz"u8) < 0)
        {
            Assert.True(
                answer.AsSpan().IndexOf("1:y1:e"u8) > 0,
                $"{hostile.Length} bytes were answered with {Encoding.Latin1.GetString(answer)}");
            answer = buffer[..socket.Receive(buffer)];
        }
    }

    private static void AssertPong(byte[] datagram)
    {
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(datagram, out KrpcMessage pong));
        Assert.Equal(KrpcKind.Response, pong.Kind);
        Assert.Equal("aa"u8, pong.TransactionId);
        Assert.Equal(NodeId.Size, pong.Id.Length);
        Assert.True(pong.TryGetObservedEndpoint(out Endpoint seen));
        Assert.True(seen.HasSameAddress(Loopback.AnyPort));
    }

    private sealed class RecordingReceiver : IDatagramReceiver
    {
        public List<byte[]> Datagrams { get; } = [];

        public void OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source, in Endpoint local) =>
            Datagrams.Add(datagram.ToArray());
    }

    private sealed class ThrowingObserver : ICrawlObserver
    {
        public void OnNode(in CrawledNode node) => throw new InvalidOperationException("the observer fails");
    }
}
