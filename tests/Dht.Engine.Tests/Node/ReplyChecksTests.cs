using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Engine;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Node;

/// <summary>
/// Reply checks: a reply from another address, another port, or with another node id than the one asked is ignored
/// and counted, and the call stays open; guessing its id cancels no call.
/// </summary>
public sealed class ReplyChecksTests
{
    [Fact]
    public async Task OverSockets_RepliesFromElsewhereAreIgnoredAndCounted()
    {
        using Socket asked = SilentPeer.Open(out Endpoint place);
        using Socket otherPort = SilentPeer.Open(out _);
        using var otherAddress = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        otherAddress.Bind(
            new IPEndPoint(TestEndpoints.Place(70).ToAddress(), TestEndpoints.HasManyAddresses ? place.Port : 0));
        await using DhtEngine engine = IdleEngine.Start(Loopback.Options());
        Task<PingResult> ping = engine.PingAsync(place).AsTask();
        byte[] buffer = new byte[2048];
        KrpcMessage.Parse(buffer.AsSpan(0, asked.Receive(buffer)), out KrpcMessage query);
        string id = Text(query.TransactionId);
        var target = new IPEndPoint(IPAddress.Loopback, engine.LocalEndpoint.Port);
        otherPort.SendTo(NodeHarness.Pong(id), target);
        otherAddress.SendTo(NodeHarness.Pong(id), target);
        otherPort.SendTo(Bytes($"d1:eli201e4:oopse1:t8:{id}1:y1:ee"), target);
        await Eventually.Holds(() => engine.Counters.Node.WrongSource == 3, "three replies were counted");
        Assert.False(ping.IsCompleted);
        Assert.Equal(0, engine.Counters.Contacts);
        asked.SendTo(NodeHarness.Pong(id), target);
        PingResult result = await ping.WaitAsync(Loopback.Patience);
        Assert.Equal((QueryStatus.Answered, new NodeId(Bytes(IdB))), (result.Status, result.Id));
    }

    [Fact]
    public void OurOwnIdOrNone_IsIgnoredAndCounted()
    {
        var node = new NodeHarness();
        node.Receive(NodeHarness.Ping);
        KrpcMessage.Parse(node.Take()[1].Datagram, out KrpcMessage verification);
        string id = Text(verification.TransactionId);
        node.Receive(NodeHarness.Pong(id, WireText.Of(node.Node.Id)));
        node.Receive(NodeHarness.Pong(id, "short"));
        Assert.Equal(2, node.Counters.WrongId);
        Assert.Equal((1, 0), (node.Node.OpenQueries, node.Node.ContactCount));
        node.Receive(NodeHarness.Pong(id, IdA));
        Assert.Equal((0, 1), (node.Node.OpenQueries, node.Node.ContactCount));
    }

    [Fact]
    public void GuessingIds_CancelsNothing()
    {
        const ulong seed = 5;
        const int guesses = 200_000;
        var random = new SeededRandomSource(seed);
        var node = new NodeHarness(seed: seed);
        var listener = new RecordingListener();
        node.Node.Ping(NodeHarness.Asker, node.Now, listener);
        string id = node.TakeQuery().TransactionId;
        int made = 0;
        for (int i = 0; i < guesses; i++)
        {
            // At random, and near what the guesser may have seen of earlier calls.
            string guess = i % 2 == 0
                ? Text([(byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256)])
                : id[..(i % 4)] + Fill(1 + random.Next(250), i);
            if (guess != id)
            {
                made++;
                node.Receive(i % 3 == 0 ? Bytes($"d1:eli201e4:oopse1:t{Str(guess)}1:y1:ee") : NodeHarness.Pong(guess));
            }
        }

        Assert.Equal(made, node.Counters.Unexpected);
        Assert.Empty(listener.Ends);
        node.Receive(NodeHarness.Pong(id));
        Assert.Equal(["response 0"], listener.Ends);
    }
}
