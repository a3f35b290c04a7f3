using System.Net.Sockets;
using Dht.Engine.Bencode;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// Error replies: an unknown method gives 204, a malformed query 203; <c>e</c> is a list of a number and a text;
/// the callback of the query gets both.
/// </summary>
public sealed class ErrorRepliesTests
{
    private static readonly CustomMethod<KrpcDocument, KrpcDocument> Hello = new("hello");

    [Fact]
    public async Task UnknownMethodsAndMalformedQueries_HaveTheirNumbers()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        using Socket socket = Loopback.Connect(engine);
        Assert.Equal((204, "method unknown"), WireText.ErrorOf(Loopback.Ask(socket, Query("hello"))));
        (long code, string text) = WireText.ErrorOf(
            Loopback.Ask(socket, Bytes("d1:ad2:id3:abce1:q4:ping1:t2:aa1:y1:qe")));
        Assert.Equal(203, code);
        Assert.NotEmpty(text);
        Assert.Equal(203, WireText.ErrorOf(Loopback.Ask(socket, Bytes("d1:q4:ping1:t2:aa1:y1:qe"))).Code);
        Assert.Equal(203, WireText.ErrorOf(Loopback.Ask(socket, Query("get_peers"))).Code);
        Assert.Equal(
            203,
            WireText.ErrorOf(Loopback.Ask(socket, Query("announce_peer", $"9:info_hash20:{IdB}4:porti1e5:token1:x")))
                .Code);
        Assert.Equal(5, engine.Counters.Node.ErrorsSent);
    }

    [Fact]
    public async Task TheCaller_GetsCodeAndText()
    {
        await using DhtEngine asked = Loopback.Start(Loopback.Options());
        await using DhtEngine asking = Loopback.Start(Loopback.Options());
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var listener = new RecordingListener { OnEnd = (_, _) => ended.TrySetResult() };
        var empty = new KrpcDocument(new BencodeBuilder());
        Assert.Equal(
            AskResult.Sent,
            await asking.InvokeAsync((node, now) => node.Ask(asked.LocalEndpoint, Hello, empty, now, listener, 3)));
        await ended.Task.WaitAsync(Loopback.Patience);
        Assert.Equal(["error 204 method unknown 3"], listener.Ends);

        asked.Handlers.Add("hello", (ref QueryContext context) => context.Refuse(299, "out of sorts"u8));
        QueryResult<KrpcDocument> result = await asking.QueryAsync(Hello, asked.LocalEndpoint, empty);
        Assert.Equal((QueryStatus.Error, 299, "out of sorts"), (result.Status, result.ErrorCode, result.ErrorText));
    }
}
