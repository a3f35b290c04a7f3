using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Rpc;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

/// <summary>
/// Call tracker: a hard limit on open calls, 512 unless set otherwise, tried out one past it; all calls that expire
/// are told, in the order of sending; of a million transaction ids no two are open at once, and none can be told from
/// those before.
/// </summary>
public sealed class OpenQueriesTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void TheLimit_HoldsOnePastIt_AndAllExpireInOrder(int? limit)
    {
        Assert.Equal(512, new NodeOptions().OpenQueriesMax);
        int most = limit ?? 512;
        var node = new NodeHarness(limit == null ? new NodeOptions() : new NodeOptions { OpenQueriesMax = most });
        var listener = new RecordingListener();
        for (int call = 0; call < most; call++)
        {
            Assert.Equal(
                AskResult.Sent, node.Node.Ping(TestEndpoints.Public(IpFamily.IPv4, call), node.Now, listener, call));
            node.Take();
            node.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(
            AskResult.Busy, node.Node.Ping(TestEndpoints.Public(IpFamily.IPv4, most), node.Now, listener, most));
        Assert.Equal(most, node.Node.OpenQueries);
        Assert.Empty(node.Take());
        node.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Enumerable.Range(0, most).Select(static call => $"timeout {call}"), listener.Ends);
        Assert.Equal((0, most), (node.Node.OpenQueries, node.Counters.Timeouts));
        Assert.Equal(AskResult.Sent, node.Node.Ping(TestEndpoints.Public(IpFamily.IPv4, most), node.Now));
    }

    [Fact]
    public void AMillionIds_NeverCollideAndAreNeverForeseen()
    {
        const ulong seed = 17;
        const int count = 1_000_000;
        const int window = 512;
        var node = new NodeHarness(new NodeOptions { QueriesPerSecondPerAddress = 0 }, seed);
        Endpoint to = NodeHarness.Asker;
        byte[] pong = NodeHarness.Pong("tttttttt");
        int place = pong.AsSpan().IndexOf("tttttttt"u8);
        var open = new Queue<ulong>(window);
        var isOpen = new HashSet<ulong>(window);
        var lastOfSlot = new Dictionary<ulong, ulong>(window);
        ulong last = 0;
        ulong step = 0;
        int foreseen = 0;
        for (int i = 0; i < count; i++)
        {
            if (open.Count == window)
            {
                ulong answered = open.Dequeue();
                isOpen.Remove(answered);
                TransactionId.Write(pong.AsSpan(place, TransactionId.Size), answered);
                node.Receive(pong, to);
            }

            Assert.Equal(AskResult.Sent, node.Node.Ping(to, node.Now));
            KrpcMessage.Parse(node.Outbox.Datagram(0), out KrpcMessage query);
            Assert.True(TransactionId.TryRead(query.TransactionId, out ulong id));
            node.Outbox.Clear();
            Assert.True(isOpen.Add(id), $"seed {seed}, call {i}: {id:x16} is open twice");
            open.Enqueue(id);

            // The guesses of an attacker that has seen all ids so far, and even knows the next slot.
            ulong slot = id % window;
            lastOfSlot.TryGetValue(slot, out ulong before);
            foreseen += id == before || id == before + window || id == last + 1 || id == last + window
                || id == last + step ? 1 : 0;
            lastOfSlot[slot] = id;
            step = id - last;
            last = id;
        }

        // Five guesses at one of 2^55.
        Assert.Equal(0, foreseen);
        Assert.Equal(count - window, node.Counters.Responses);
        Assert.Equal(0, node.Counters.Unexpected);
    }
}
