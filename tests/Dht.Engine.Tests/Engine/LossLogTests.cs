using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;
using Dht.Engine.Transport;
using Microsoft.Extensions.Logging;

namespace Dht.Engine.Tests.Engine;

/// <summary>Packets that the system does not send are in the log soon, and not more often than helps.</summary>
public sealed class LossLogTests
{
    [Fact]
    public void RefusalsToSend_AreToldAtOnce_AndAgainEachMinute()
    {
        var logs = new RecordingLogs();
        using var transport = new IdleTransport();
        var telemetry = new LoopTelemetry(new EngineMeter(null), EngineLog.Create(logs));
        Instant start = Instant.Zero + TimeSpan.FromHours(1);
        for (int second = 0; second <= 130; second++)
        {
            transport.Counters = new TransportCounters
            {
                SendErrors = second < 5 ? 0 : second - 4,
                LastSendError = second < 5 ? SocketError.Success : SocketError.NetworkUnreachable,
            };
            telemetry.LogLosses(transport, start + TimeSpan.FromSeconds(second));
        }

        string reason = new SocketException((int)SocketError.NetworkUnreachable).Message;
        string from = $"The system refuses to send from {transport.LocalEndpoint} ({reason}): ";
        Assert.Equal(
            [from + "1 datagrams, 1 in all.", from + "60 datagrams, 61 in all.", from + "60 datagrams, 121 in all."],
            logs.Texts);
        Assert.All(logs.Lines, static line => Assert.Equal((LogLevel.Warning, 53), (line.Level, line.Event.Id)));
    }

    [Fact]
    public async Task AnEngineThatMayNotSend_TellsSo_WithTheReason()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var logs = new RecordingLogs { Least = LogLevel.Warning };
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with { LoggerFactory = logs });

        // From a loopback address the system sends nothing to the Internet.
        PingResult ping = await engine.PingAsync(Endpoint.Parse("192.88.98.1:6881")).AsTask()
            .WaitAsync(Loopback.Patience);
        Assert.Equal(QueryStatus.NotSent, ping.Status);
        await Eventually.Holds(
            () => logs.Texts.Any(static text => text.Contains("(Invalid argument)", StringComparison.Ordinal)),
            "the log has the reason");
    }
}
