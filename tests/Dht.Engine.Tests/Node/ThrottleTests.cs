using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Tests.Engine;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

/// <summary>
/// Throttle: the burst and the steady rate are those that are set, measured over time; sending and receiving have one
/// each; each can be set and switched off; a query that is not sent is reported at once and not left to time out.
/// </summary>
public sealed class ThrottleTests
{
    private const int Seconds = 40;

    [Theory]
    [InlineData(4, 4)]
    [InlineData(5, 12)]
    [InlineData(0.5, 1)]
    [InlineData(20, 60)]
    public void BurstAndSteadyRate_AreTheOnesSet(double perSecond, int burst)
    {
        var sending = new NodeHarness(new NodeOptions
        {
            QueriesPerSecondPerAddress = perSecond,
            QueryBurst = burst,
            AnswersPerSecondPerAddress = 0,
        });
        Measure(sending, perSecond, burst, () => sending.Node.Ping(NodeHarness.Asker, sending.Now) == AskResult.Sent);

        var receiving = new NodeHarness(new NodeOptions
        {
            AnswersPerSecondPerAddress = perSecond,
            AnswerBurst = burst,
            QueriesPerSecondPerAddress = 0,
        });
        Measure(receiving, perSecond, burst, () => receiving.AnswersPing());
        Assert.True(receiving.Counters.Throttled > 1_000);
    }

    [Fact]
    public void SendingAndReceiving_AreApart_AndSoAreAddresses()
    {
        var node = new NodeHarness(new NodeOptions { AnswerBurst = 2, AnswersPerSecondPerAddress = 1 });
        Endpoint other = Endpoint.Parse("9.9.9.9:1");
        Drain(() => node.Node.Ping(NodeHarness.Asker, node.Now) == AskResult.Sent, 4);
        Drain(() => node.AnswersPing(), 2);
        Drain(() => node.Node.Ping(other, node.Now) == AskResult.Sent, 4);

        // The address has spent its allowance whatever port it uses.
        Assert.Equal(AskResult.Throttled, node.Node.Ping(NodeHarness.Asker.WithPort(7), node.Now));
        Assert.False(node.AnswersPing(NodeHarness.Asker.WithPort(7)));
        Assert.True(node.AnswersPing(other));
    }

    [Fact]
    public void Off_IsNoLimit()
    {
        var node = new NodeHarness(
            new NodeOptions { QueriesPerSecondPerAddress = 0, AnswersPerSecondPerAddress = 0, OpenQueriesMax = 2_000 });
        for (int i = 0; i < 1_000; i++)
        {
            Assert.True(node.AnswersPing());
            Assert.Equal(AskResult.Sent, node.Node.Ping(NodeHarness.Asker, node.Now));
            node.Take();
        }
    }

    [Fact]
    public async Task ADroppedSend_IsReportedAndNotLeftToTimeOut()
    {
        using Socket silent = SilentPeer.Open(out Endpoint place);
        DhtEngineOptions options = Loopback.Options();
        await using DhtEngine engine = Loopback.Start(options with
        {
            // The query sent never times out within the test, so whatever ends does not end by that.
            Node =
                options.Node with
                {
                    QueriesPerSecondPerAddress = 0.001,
                    QueryBurst = 1,
                    QueryTimeout = TimeSpan.FromHours(1),
                },
        });
        Task<PingResult> sent = engine.PingAsync(place).AsTask();
        for (int i = 0; i < 10; i++)
        {
            PingResult dropped = await engine.PingAsync(place).AsTask().WaitAsync(Loopback.Patience);
            Assert.Equal(QueryStatus.Throttled, dropped.Status);
        }

        Assert.False(sent.IsCompleted);
        Assert.Equal(
            (1, 1), await engine.InvokeAsync(static (node, _) => (node.OpenQueries, (int)node.Counters.QueriesSent)));
        byte[] buffer = new byte[2048];
        Assert.InRange(silent.Receive(buffer), 1, 200);
        Assert.Equal(0, silent.Available);
    }

    private static void Measure(NodeHarness node, double perSecond, int burst, Func<bool> passes)
    {
        Drain(passes, burst);
        int passed = 0;
        for (int i = 0; i < Seconds * 100; i++)
        {
            node.Advance(TimeSpan.FromMilliseconds(10));
            passed += passes() ? 1 : 0;
            node.Take();
        }

        Assert.InRange(passed, (perSecond * Seconds) - 1, perSecond * Seconds);
        node.Advance(TimeSpan.FromHours(1));
        Drain(passes, burst);
    }

    private static void Drain(Func<bool> passes, int expected)
    {
        for (int i = 0; i <= expected; i++)
        {
            Assert.Equal(i < expected, passes());
        }
    }
}
