using System.Collections.Concurrent;
using System.Net.Sockets;
using Dht.Engine.Bencode;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// Request handlers: several for a method, asked in a fixed order by priority, removable; one may replace the default
/// answer, set an error, or veto, and then no packet goes out at all; it may call the engine without deadlock, and
/// when it throws the loop goes on.
/// </summary>
public sealed class RequestHandlersTests
{
    private static readonly byte[] Ping = NodeHarness.Ping;

    [Fact]
    public async Task Several_AreAskedByPriorityAndThenByAge_AndCanBeRemoved()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        using Socket socket = Loopback.Connect(engine);
        var asked = new ConcurrentQueue<string>();
        Registration Add(string name, int priority) =>
            engine.Handlers.Add("ping", (ref QueryContext _) => asked.Enqueue(name), priority);

        Add("c", 0);
        Add("e", -5);
        Registration removed = Add("a", 9);
        Add("d", 0);
        Add("b", 9);
        engine.Handlers.Add("find_node", (ref QueryContext _) => asked.Enqueue("never"), 100);
        for (int i = 0; i < 3; i++)
        {
            asked.Clear();
            Assert.Equal(engine.Id, IdIn(Loopback.Ask(socket, Ping)));
            Assert.Equal(["a", "b", "c", "d", "e"], asked);
        }

        removed.Dispose();
        removed.Dispose();
        asked.Clear();
        Loopback.Ask(socket, Ping);
        Assert.Equal(["b", "c", "d", "e"], asked);
    }

    [Fact]
    public async Task AHandler_ReplacesTheAnswerOrSetsAnError_AndThoseBehindAreNotAsked()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        using Socket socket = Loopback.Connect(engine);
        int behind = 0;
        engine.Handlers.Add("ping", (ref QueryContext _) => Interlocked.Increment(ref behind), -1);
        using (engine.Handlers.Add("ping", static (ref QueryContext context) =>
            Assert.True(context.Reply(new KrpcDocument(new BencodeBuilder { ["say"] = "cheese" })))))
        {
            string reply = Text(Loopback.Ask(socket, Ping));
            Assert.Contains(
                $"1:rd2:id20:{WireText.Of(engine.Id)}3:say6:cheesee1:t2:aa", reply, StringComparison.Ordinal);
        }

        using (engine.Handlers.Add("ping", static (ref QueryContext context) => context.Refuse(202, "closed today"u8)))
        {
            Assert.Equal((202, "closed today"), WireText.ErrorOf(Loopback.Ask(socket, Ping)));
        }

        Assert.Equal(0, behind);
        Assert.Equal(engine.Id, IdIn(Loopback.Ask(socket, Ping)));
        Assert.Equal(1, behind);
    }

    [Fact]
    public void AVeto_SendsNoPacketAtAll()
    {
        var node = new NodeHarness();
        using (node.Node.Extensions.Handlers.Add("ping", static (ref QueryContext context) => context.Veto()))
        {
            node.Receive(Ping);
            node.Advance(TimeSpan.FromSeconds(10));
            Assert.Empty(node.Take());
            Assert.Equal(1, node.Counters.Vetoed);
            Assert.EndsWith("1:y1:re", node.Ask(Query("find_node", $"6:target20:{IdB}")), StringComparison.Ordinal);
        }

        Assert.True(node.AnswersPing());
    }

    [Fact]
    public async Task AVetoOverASocket_LeavesTheNextQueryTheFirstThatIsAnswered()
    {
        await using DhtEngine engine = IdleEngine.Start(Loopback.Options());
        using Socket socket = Loopback.Connect(engine);
        engine.Handlers.Add("ping", static (ref QueryContext context) =>
        {
            if (context.Query.TransactionId.SequenceEqual("no"u8))
            {
                context.Veto();
            }
        });
        socket.Send(Bytes($"d1:ad2:id20:{IdA}e1:q4:ping1:t2:no1:y1:qe"));
        Assert.Contains("1:t2:aa", Text(Loopback.Ask(socket, Ping)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AHandler_MayCallTheEngine()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        using Socket socket = Loopback.Connect(engine);
        var pinged = new TaskCompletionSource<Task<PingResult>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var invoked = new TaskCompletionSource<Task<int>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var direct = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var listener = new RecordingListener { OnEnd = (_, _) => direct.TrySetResult() };
        engine.Handlers.Add("find_node", (ref QueryContext context) =>
        {
            Assert.Equal(engine.Id, context.Node.Id);
            Assert.True(engine.IsRunning && engine.Counters.Node.QueriesReceived > 0);
            engine.Handlers.Add("get_peers", static (ref QueryContext later) => later.Veto()).Dispose();
            pinged.TrySetResult(engine.PingAsync(other.LocalEndpoint).AsTask());
            invoked.TrySetResult(engine.InvokeAsync(static (node, _) => node.OpenQueries));
            Assert.Equal(AskResult.Sent, context.Node.Ping(other.LocalEndpoint, context.Now, listener));
        });
        byte[] reply = Loopback.Ask(socket, Query("find_node", $"6:target20:{IdB}"));
        Assert.Contains("5:nodes", Text(reply), StringComparison.Ordinal);
        PingResult result = await (await pinged.Task).WaitAsync(Loopback.Patience);
        Assert.Equal((QueryStatus.Answered, other.Id), (result.Status, result.Id));
        await (await invoked.Task).WaitAsync(Loopback.Patience);
        await direct.Task.WaitAsync(Loopback.Patience);
        Assert.Equal(["response 0"], listener.Ends);
        Assert.Equal(0, engine.Counters.Faults);
    }

    [Fact]
    public async Task AHandlerThatStopsTheEngine_DoesNotDeadlock()
    {
        DhtEngine engine = Loopback.Start(Loopback.Options());
        using Socket socket = Loopback.Connect(engine);
        Task completion = engine.Completion;
        engine.Handlers.Add("ping", (ref QueryContext _) => engine.StopAsync().GetAwaiter().GetResult());
        socket.Send(Ping);
        await completion.WaitAsync(Loopback.Patience);
        await engine.DisposeAsync();
        Assert.False(engine.IsRunning);
    }

    [Fact]
    public async Task AThrowingHandler_DoesNotStopTheLoop()
    {
        var faults = new ConcurrentQueue<string>();
        await using DhtEngine engine = Loopback.Start(
            Loopback.Options() with { OnFault = fault => faults.Enqueue(fault.Message) });
        using Socket socket = Loopback.Connect(engine);
        engine.Handlers.Add(
            "ping", static (ref QueryContext _) => throw new InvalidOperationException("the handler fails"));
        for (int i = 1; i <= 5; i++)
        {
            Assert.Equal(engine.Id, IdIn(Loopback.Ask(socket, Ping)));
            Assert.Equal(i, engine.Counters.Faults);
        }

        Assert.Equal(Enumerable.Repeat("the handler fails", 5), faults);
        Assert.True(engine.IsRunning);
    }

    private static NodeId IdIn(byte[] pong)
    {
        KrpcMessage.Parse(pong, out KrpcMessage message);
        Assert.Equal(KrpcKind.Response, message.Kind);
        return message.SenderId;
    }
}
