using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Bencode;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// Response callbacks: each call ends in exactly one of response, error and timeout; who hears of a timeout may send
/// again at once; the same calls can be awaited and cancelled.
/// </summary>
public sealed class ResponseCallbacksTests
{
    private static readonly CustomMethod<KrpcDocument, KrpcDocument> Hello = new("hello");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void EachCall_EndsExactlyOnce_WhateverComes(ulong seed)
    {
        const int calls = 2_000;
        var random = new SeededRandomSource(seed);
        var node = new NodeHarness(new NodeOptions { QueriesPerSecondPerAddress = 0 }, seed);
        var listener = new RecordingListener();
        var expected = new HashSet<string>();
        var delayed = new List<(byte[] Datagram, Endpoint From)>();
        for (int call = 0; call < calls; call++)
        {
            Endpoint to = TestEndpoints.Public(IpFamily.IPv4, random.Next(1_000));
            Assert.Equal(AskResult.Sent, node.Node.Ping(to, node.Now, listener, call));
            string id = node.TakeQuery().TransactionId;
            byte[] response = NodeHarness.Pong(id);
            byte[] error = Bytes($"d1:eli201e4:oopse1:t8:{id}1:y1:ee");
            int fate = random.Next(3);
            expected.Add(
                fate switch { 0 => $"response {call}", 1 => $"error 201 oops {call}", _ => $"timeout {call}" });
            byte[][] sequence =
                fate switch { 0 => [response, error, response], 1 => [error, response, error], _ => [] };
            foreach (byte[] datagram in sequence)
            {
                node.Receive(datagram, to);
            }

            delayed.Add((random.Next(2) == 0 ? response : error, to));
            node.Advance(TimeSpan.FromMilliseconds(random.Next(50)));
            node.Take();
        }

        node.Advance(TimeSpan.FromSeconds(10));
        node.Take();
        foreach ((byte[] datagram, Endpoint from) in delayed)
        {
            node.Receive(datagram, from);
        }

        Assert.True(expected.SetEquals(listener.Ends), $"seed {seed}");
        Assert.Equal(calls, listener.Ends.Count);
    }

    [Fact]
    public async Task ATimeoutHandler_MaySendAgain()
    {
        using Socket silent = SilentPeer.Open(out Endpoint place);
        await using DhtEngine engine = IdleEngine.Start(Loopback.Options() with
        {
            Node = new NodeOptions { QueryTimeout = TimeSpan.FromMilliseconds(50), QueriesPerSecondPerAddress = 0 },
        });
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var again = new TryAgain(engine, done);
        Assert.Equal(AskResult.Sent, await engine.InvokeAsync((node, now) => node.Ping(place, now, again)));
        await done.Task.WaitAsync(Loopback.Patience);
        byte[] buffer = new byte[2048];
        for (int i = 0; i <= TryAgain.TimesMax; i++)
        {
            Assert.Contains("4:ping", Text(buffer.AsSpan(0, silent.Receive(buffer))), StringComparison.Ordinal);
        }

        Assert.Equal(TryAgain.TimesMax + 1, again.Timeouts);
        Assert.Equal(0, engine.Counters.Faults);
    }

    [Fact]
    public async Task ACall_IsAwaitedOrCancelled()
    {
        using Socket silent = SilentPeer.Open(out Endpoint nobody);
        DhtEngineOptions options = Loopback.Options();
        await using DhtEngine engine = Loopback.Start(
            options with { Node = options.Node with { QueriesPerSecondPerAddress = 0 } });
        await using DhtEngine other = Loopback.Start(options);
        var empty = new KrpcDocument(new BencodeBuilder());
        other.Methods.Answer(Hello, static arguments => arguments);
        Assert.Equal(QueryStatus.Answered, (await engine.PingAsync(other.LocalEndpoint)).Status);
        Assert.Equal(QueryStatus.Answered, (await engine.QueryAsync(Hello, other.LocalEndpoint, empty)).Status);

        using var cancellation = new CancellationTokenSource();
        Task<PingResult> ping = engine.PingAsync(nobody, cancellation.Token).AsTask();
        Task<QueryResult<KrpcDocument>> query = engine.QueryAsync(Hello, nobody, empty, cancellation.Token);
        Task<LookupResult> lookup = engine.FindNodeAsync(other.Id, cancellation.Token);
        Assert.False(ping.IsCompleted || query.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ping.WaitAsync(Loopback.Patience));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query.WaitAsync(Loopback.Patience));
        try
        {
            await lookup.WaitAsync(Loopback.Patience);
        }
        catch (OperationCanceledException)
        {
            // Or it had found its contact already.
        }

        Assert.Equal(QueryStatus.Answered, (await engine.PingAsync(other.LocalEndpoint)).Status);
    }

    private sealed class TryAgain(DhtEngine engine, TaskCompletionSource done) : IQueryListener
    {
        public const int TimesMax = 3;

        public int Timeouts { get; private set; }

        public void OnTimeout(in Endpoint destination, long cookie)
        {
            if (++Timeouts > TimesMax)
            {
                done.TrySetResult();
                return;
            }

            // By the mailbox, as a user without the node at hand would.
            Endpoint place = destination;
            engine.InvokeAsync((node, now) => node.Ping(place, now, this));
        }

        public void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie) =>
            done.TrySetException(new InvalidOperationException("Nobody is there to answer."));

        public void OnError(in KrpcMessage error, in Endpoint source, long cookie) =>
            done.TrySetException(new InvalidOperationException("Nobody is there to refuse."));
    }
}
