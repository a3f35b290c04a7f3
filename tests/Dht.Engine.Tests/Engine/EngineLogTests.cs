using System.Net.Sockets;
using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Tests.Architecture;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;
using Dht.Engine.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dht.Engine.Tests.Engine;

public sealed class EngineLogTests
{
    private const string Ping = "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe";
    private const string Broken = "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:q";

    private static readonly Endpoint Four = Endpoint.Parse("192.0.2.1:6881");
    private static readonly Endpoint Six = Endpoint.Parse("[2001:db8::1]:6881");
    private static readonly NodeId Id = NodeId.Parse("00112233445566778899aabbccddeeff00112233");
    private static readonly NodeId OtherId = NodeId.Parse("ff112233445566778899aabbccddeeff00112233");
    private static readonly Exception Oops = new IOException("oops");

    private static readonly (int Event, LogLevel Level, string Text, Action<ILogger> Log)[] Messages =
    [
        (1, LogLevel.Information, $"Listening on {Four} as {Id} over ring.", log => log.Started(Four, Id, "ring")),
        (2, LogLevel.Information, $"Stopped; {Six} is free.", log => log.Stopped(Six)),
        (3, LogLevel.Critical, $"The loop on {Four} has ended by a fault of its own.", log => log.Failed(Four, Oops)),
        (10, LogLevel.Information, "Joined the network with 8 contacts.", log => log.Joined(8)),
        (
            11,
            LogLevel.Warning,
            "The routing table is empty; joining again through 3 routers and bootstrap nodes.",
            log => log.TableEmpty(3)),
        (
            12,
            LogLevel.Information,
            $"Others see us at {Six} now; before it was none.", log => log.ExternalAddressChanged(Six, default)),
        (
            13,
            LogLevel.Information,
            $"Our id over IPv6 is {Id} now; before it was "
                + $"{OtherId}.", log => log.IdChanged(IpFamily.IPv6, Id, OtherId)),
        (20, LogLevel.Information, "Loaded 5 contacts from /var/s.", log => log.StateLoaded(5, "/var/s")),
        (21, LogLevel.Debug, "Saved 6 contacts to /var/s.", log => log.StateSaved(6, "/var/s")),
        (22, LogLevel.Warning, "It is broken.", log => log.StateDamaged("It is broken.")),
        (23, LogLevel.Error, "The state could not be saved to /var/s.", log => log.StateNotSaved("/var/s", Oops)),
        (
            30,
            LogLevel.Error,
            "User code threw inside the loop, which goes on; 4 times so far.",
            log => log.Fault(4, Oops)),
        (
            32,
            LogLevel.Error,
            "The engine itself failed inside the loop, which goes on; 5 faults so far.",
            log => log.OwnFault(5, Oops)),
        (31, LogLevel.Debug, "2 malformed datagrams, 9 in all.", log => log.Malformed(2, 9)),
        (
            40,
            LogLevel.Debug,
            $"The lookup of {Id} found 8 nodes by 30 queries in "
                + "00:00:01.", log => log.LookupFinished(Id, 8, 30, TimeSpan.FromSeconds(1))),
        (
            50,
            LogLevel.Warning,
            "The system grants 5 of 9 bytes for datagrams that arrive, so bursts may be lost; ask more.",
            log => log.ReceiveBufferClipped(5, 9, "ask more")),
        (
            51,
            LogLevel.Warning,
            "The system grants 6 of 9 bytes for datagrams to be sent, so bursts may wait; ask more.",
            log => log.SendBufferClipped(6, 9, "ask more")),
        (
            52,
            LogLevel.Warning,
            "The system threw away 3 datagrams because its receive buffer was full, 7 in all.",
            log => log.KernelDropped(3, 7)),
        (
            53,
            LogLevel.Warning,
            "The system refuses to send from 192.0.2.1:6881 (no route): 3 datagrams, 7 in all.",
            log => log.SendRefused(Endpoint.Parse("192.0.2.1:6881"), "no route", 3, 7)),
        (
            60,
            LogLevel.Warning,
            "Nobody answers the crawl any more, nor those that did before: it waits for the network to come back.",
            log => log.CrawlOffline()),
        (61, LogLevel.Information, "The crawl is answered again, and goes on.", log => log.CrawlOnline()),
        (
            62,
            LogLevel.Warning,
            "The system refuses to send queries of the crawl, 3 so far: it slows down to what is let out. Does a "
                + "firewall or a missing route forbid them?",
            log => log.CrawlNotSent(3)),
        (
            63,
            LogLevel.Warning,
            "The crawl knows 9 nodes and has no room for more: it will not be complete.",
            log => log.CrawlKnownSetFull(9)),
    ];

    [Fact]
    public void EveryMessage_HasItsTextLevelAndNumber_AndIsInTheDocument()
    {
        string document = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "metrics.md"));
        foreach ((int number, LogLevel level, string text, Action<ILogger> write) in Messages)
        {
            var logs = new RecordingLogs();
            write(EngineLog.Create(logs));
            (LogLevel Level, EventId Event, string Text, Exception? Fault) line = Assert.Single(logs.Lines);
            Assert.Equal((number, level, text), (line.Event.Id, line.Level, line.Text));
            Assert.Equal(number is 3 or 23 or 30 or 32 ? Oops : null, line.Fault);
            Assert.Contains($"| {number} | `{line.Event.Name}` | {level} |", document, StringComparison.Ordinal);
        }

        Assert.Equal(
            Messages.Length,
            typeof(EngineLog).GetMethods().Count(method => method.IsStatic && method.ReturnType == typeof(void)));
    }

    [Fact]
    public void LoggingThatIsOff_AllocatesNothing()
    {
        ILogger off = EngineLog.Create(null);
        Assert.Same(NullLogger.Instance, off);
        foreach (ILogger log in (ILogger[])[off, EngineLog.Create(new RecordingLogs { Least = LogLevel.None })])
        {
            AllocationGuard.AssertNone(log, static log =>
            {
                log.Malformed(1, 2);
                log.LookupFinished(default, 1, 2, TimeSpan.Zero);
                log.Started(default, default, "ring");
                log.Fault(1, Oops);
            });
        }
    }

    [Fact]
    public async Task StartAndStop_AreTold()
    {
        var logs = new RecordingLogs();
        await using DhtEngine engine = Loopback.Start(
            Loopback.Options(TransportKind.Ring) with { LoggerFactory = logs });
        Assert.Equal("Dht.Engine.DhtEngine", logs.Category);
        (Endpoint local, NodeId id) = (engine.LocalEndpoint, engine.Id);
        Assert.Contains($"Listening on {local} as {id} over SocketRingTransport.", logs.Texts);
        await engine.StopAsync();
        Assert.Equal($"Stopped; {local} is free.", logs.Texts.Last());
    }

    [Fact]
    public async Task ALoopThatFails_IsTold()
    {
        var logs = new RecordingLogs();
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with
        {
            LoggerFactory = logs,
            CreateTransport = () => new IdleTransport { ThrowsOnReceive = true },
        });
        await Assert.ThrowsAsync<IOException>(() => engine.Completion);
        (LogLevel Level, EventId Event, string Text, Exception? Fault) line = logs.Lines.Last();
        Assert.Equal((3, "the line is dead"), (line.Event.Id, line.Fault?.Message));
    }

    [Fact]
    public async Task WhatUserCodeThrows_IsToldOnceASecond()
    {
        var logs = new RecordingLogs { Least = LogLevel.Error };
        var clock = new VirtualClock();
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with
        {
            LoggerFactory = logs,
            Clock = clock,
            ForeignReceiver = new ThrowingReceiver(),
            Node = new NodeOptions { AnswersPerSecondPerAddress = 0 },
        });
        using Socket socket = Loopback.Connect(engine);
        foreach (int seconds in (int[])[0, 0, 0, 1])
        {
            clock.Advance(TimeSpan.FromSeconds(seconds));
            socket.Send([0xFF]);
            Loopback.Ask(socket, Encoding.Latin1.GetBytes(Ping));
        }

        Assert.Equal(4, engine.Counters.Faults);
        Assert.Equal(["1 times so far.", "4 times so far."], logs.Texts.Select(text => text[^15..]));
        Assert.All(logs.Lines, line => Assert.Equal((30, "the receiver fails"), (line.Event.Id, line.Fault?.Message)));
    }

    [Fact]
    public async Task WhatTheEngineThrowsItself_IsNotSaidToBeTheUsers()
    {
        var logs = new RecordingLogs { Least = LogLevel.Error };
        Task notStarted = new DhtEngine().JoinAsync();
        await Task.WhenAny(notStarted);
        Exception own = notStarted.Exception!.InnerException!;
        new UserFaults(handler: null, EngineLog.Create(logs)).Report(own);
        Assert.Equal((32, own), (logs.Lines.Single().Event.Id, logs.Lines.Single().Fault));

        // The same, but called by code of the user's; and one that nobody has thrown.
        Exception ofUser = Assert.Throws<InvalidOperationException>(() => _ = new DhtEngine().Counters);
        foreach (Exception fault in (Exception[])[ofUser, new InvalidOperationException()])
        {
            new UserFaults(handler: null, EngineLog.Create(logs)).Report(fault);
            Assert.Equal((30, fault), (logs.Lines.Last().Event.Id, logs.Lines.Last().Fault));
        }
    }

    [Fact]
    public async Task ALogThatThrows_StopsNothing()
    {
        await using DhtEngine engine = Loopback.Start(
            Loopback.Options() with { LoggerFactory = new RecordingLogs { Throws = true } });
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        Assert.Equal(QueryStatus.Answered, (await other.PingAsync(engine.LocalEndpoint)).Status);
        await engine.StopAsync();

        ILogger lateThrower = new GuardedLogger(new LateThrowingLogger());
        lateThrower.Malformed(1, 1);
    }

    [Theory]
    [InlineData(100, 100, 100, "")]
    [InlineData(0, 0, 0, "")]
    [InlineData(100, 60, 100, "50: net.core.rmem_max=100")]
    [InlineData(100, 100, 60, "51: net.core.wmem_max=100")]
    [InlineData(100, 50, 60, "50: net.core.rmem_max=100, 51: net.core.wmem_max=100")]
    public async Task ClippedBuffers_AreTold_WithAdvice(int asked, int receive, int send, string expected)
    {
        var logs = new RecordingLogs { Least = LogLevel.Warning };
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with
        {
            LoggerFactory = logs,
            CreateTransport = () => new IdleTransport { Buffers = new TransportBuffers(asked, receive, send) },
        });
        string told = string.Join(", ", logs.Lines.Select(line =>
            $"{line.Event.Id}: "
                + $"{AdviceIn(line.Text)}"));
        Assert.Equal(OperatingSystem.IsLinux() ? expected : told, told);
    }

    [Fact]
    public async Task MalformedDatagrams_AreToldOnceAMinute()
    {
        var logs = new RecordingLogs();
        var clock = new VirtualClock();
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with
        {
            LoggerFactory = logs,
            Clock = clock,
            Node = new NodeOptions { AnswersPerSecondPerAddress = 0 },
        });
        using Socket socket = Loopback.Connect(engine);
        SendBroken(socket, 1);
        Assert.Equal(["1 malformed datagrams, 1 in all."], MalformedLines());
        SendBroken(socket, 2);
        clock.Advance(TimeSpan.FromSeconds(59));
        SendBroken(socket, 3);
        Assert.Single(MalformedLines());
        clock.Advance(TimeSpan.FromSeconds(2));
        SendBroken(socket, 0);
        Assert.Equal(["1 malformed datagrams, 1 in all.", "5 malformed datagrams, 6 in all."], MalformedLines());
        Assert.Equal(6, engine.Counters.Malformed);

        IEnumerable<string> MalformedLines() => logs.Lines.Where(line => line.Event.Id == 31).Select(line => line.Text);
    }

    private static string AdviceIn(string text) =>
        OperatingSystem.IsLinux() ? text[text.IndexOf("net.", StringComparison.Ordinal)..^1] : string.Empty;

    /// <summary>Sends them in one turn or several, and waits until the loop has logged them.</summary>
    private static void SendBroken(Socket socket, int count)
    {
        for (int i = 0; i < count; i++)
        {
            socket.Send(Encoding.Latin1.GetBytes(Broken));
        }

        // The turn of the first answer is over when the second comes.
        AskUntilPong(socket);
        AskUntilPong(socket);
    }

    /// <summary>What is broken may have earned an error first.</summary>
    private static void AskUntilPong(Socket socket)
    {
        byte[] answer = Loopback.Ask(socket, Encoding.Latin1.GetBytes(Ping));
        byte[] buffer = new byte[2048];
        while (answer.AsSpan().IndexOf("1:y1:r"u8) < 0)
        {
            answer = buffer[..socket.Receive(buffer)];
        }
    }

    private sealed class ThrowingReceiver : IDatagramReceiver
    {
        public void OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source, in Endpoint local) =>
            throw new InvalidOperationException("the receiver fails");
    }

    private sealed class LateThrowingLogger : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState,
            Exception?,
            string> formatter) =>
            throw new InvalidOperationException("no log today");
    }
}
