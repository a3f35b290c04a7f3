using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;
using static Dht.Engine.Tests.Support.NodeHarness;

namespace Dht.Engine.Tests.Node;

public sealed class NodeQueryTests
{
    private static readonly Endpoint Other = Endpoint.Parse("9.9.9.9:6881");

    private readonly NodeHarness _node = new();
    private readonly RecordingListener _listener = new();

    [Fact]
    public void AResponse_EndsTheQueryOnceAndEntersTheTable()
    {
        string id = Send();
        _node.Advance(TimeSpan.FromMilliseconds(120));
        _node.Receive(Pong(id));
        Assert.Equal(["response 5"], _listener.Ends);
        Assert.Equal(TimeSpan.FromMilliseconds(120), _listener.LastRoundTrip);
        Assert.Equal(1, _node.Node.ContactCount);
        _node.Receive(Pong(id));
        _node.Advance(TimeSpan.FromSeconds(10));
        Assert.Single(_listener.Ends);
        Assert.Equal(1, _node.Counters.Unexpected);
        Assert.Equal(1, _node.Counters.Responses);
    }

    [Fact]
    public void AnError_EndsTheQueryOnceWithItsCodeAndText()
    {
        string id = Send();
        byte[] error = Bytes($"d1:eli202e4:busye1:t8:{id}1:y1:ee");
        _node.Receive(error);
        _node.Receive(error);
        _node.Receive(Pong(id));
        _node.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["error 202 busy 5"], _listener.Ends);
        Assert.Equal(0, _node.Node.ContactCount);
        Assert.Equal(2, _node.Counters.Unexpected);
    }

    [Fact]
    public void Silence_EndsTheQueryOnceInATimeout()
    {
        string id = Send();
        Assert.True(_node.Node.NextDeadline <= _node.Now + TimeSpan.FromSeconds(3));
        _node.Advance(TimeSpan.FromSeconds(3) - TimeSpan.FromTicks(1));
        Assert.Empty(_listener.Ends);
        _node.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(["timeout 5"], _listener.Ends);
        _node.Receive(Pong(id));
        _node.Advance(TimeSpan.FromSeconds(10));
        Assert.Single(_listener.Ends);
        Assert.Equal(1, _node.Counters.Unexpected);
        Assert.Equal(0, _node.Node.ContactCount);
    }

    [Fact]
    public void AReplyFromElsewhere_IsCountedAndTheQueryStaysOpen()
    {
        string id = Send();
        _node.Receive(Pong(id), Asker.WithPort(1));
        _node.Receive(Pong(id), Other);
        _node.Receive(Pong(id), Asker6);
        _node.Receive(Bytes($"d1:eli202e4:busye1:t8:{id}1:y1:ee"), Other);
        Assert.Equal(4, _node.Counters.WrongSource);
        Assert.Empty(_listener.Ends);
        Assert.Equal(0, _node.Node.ContactCount);
        _node.Receive(Pong(id));
        Assert.Equal(["response 5"], _listener.Ends);
    }

    [Fact]
    public void AReplyWithoutAnIdOrWithOurs_IsCountedAndTheQueryStaysOpen()
    {
        string id = Send();
        byte[] own = new byte[20];
        _node.Node.Id.CopyTo(own);
        _node.Receive(Pong(id, Text(own)));
        _node.Receive(Pong(id, "short"));
        _node.Receive(Bytes($"d1:t8:{id}1:y1:re"));
        _node.Receive(Bytes($"d1:ad2:id20:{IdB}e1:t8:{id}1:y1:re"));
        Assert.Equal(4, _node.Counters.WrongId);
        Assert.Empty(_listener.Ends);
        _node.Receive(Pong(id));
        Assert.Equal(["response 5"], _listener.Ends);
    }

    [Fact]
    public void GuessedIds_CancelNothing()
    {
        string id = Send();
        byte[] guess = Bytes(id);
        for (int i = 0; i < 32; i++)
        {
            guess[i / 8] ^= (byte)(1 << (i % 8));
            _node.Receive(Pong(Text(guess)));
            guess[i / 8] ^= (byte)(1 << (i % 8));
        }

        _node.Receive(Pong(id[..3]));
        _node.Receive(Pong(id + "x"));
        Assert.Equal(34, _node.Counters.Unexpected);
        Assert.Empty(_listener.Ends);
    }

    [Fact]
    public void AListener_MayAskAgainInsideATimeout()
    {
        NodeHarness node = _node;
        RecordingListener? self = null;
        self = new RecordingListener
        {
            OnEnd = (endpoint, cookie) => Assert.Equal(
                AskResult.Sent, node.Node.Ping(endpoint, node.Now, self, cookie + 1)),
        };
        node.Node.Ping(Asker, node.Now, self, 0);
        for (int i = 0; i < 5; i++)
        {
            node.Advance(TimeSpan.FromSeconds(3));
        }

        Assert.Equal(["timeout 0", "timeout 1", "timeout 2", "timeout 3", "timeout 4"], self.Ends);
        Assert.Equal(1, node.Node.OpenQueries);
    }

    [Fact]
    public void AListener_MayAskAgainInsideAResponse()
    {
        NodeHarness node = _node;
        var inner = new RecordingListener();
        var outer =
            new RecordingListener
            {
                OnEnd = (endpoint, _) => node.Node.FindNode(endpoint, node.Node.Id, IpFamily.Both, node.Now, inner, 9),
            };
        node.Node.Ping(Asker, node.Now, outer, 1);
        node.Receive(Pong(node.TakeQuery().TransactionId));
        node.Receive(Pong(node.TakeQuery().TransactionId));
        Assert.Equal(["response 1"], outer.Ends);
        Assert.Equal(["response 9"], inner.Ends);
    }

    [Fact]
    public void AQueryAlone_IsNoContactUntilOurPingIsAnswered()
    {
        _node.Receive(Ping);
        List<(Endpoint To, byte[] Datagram)> sent = _node.Take();
        Assert.Equal(2, sent.Count);
        Assert.Equal(0, _node.Node.ContactCount);
        KrpcMessage.Parse(sent[1].Datagram, out KrpcMessage ping);
        Assert.Equal(KrpcMethod.Ping, ping.Method);
        _node.Receive(Pong(Text(ping.TransactionId), IdA));
        Assert.Equal(1, _node.Node.ContactCount);
        _node.Receive(Ping);
        Assert.Single(_node.Take());
    }

    [Fact]
    public void AReadOnlyAsker_IsAnsweredAndNotPinged()
    {
        _node.Receive(KrpcSamples.Get("read-only"));
        Assert.Single(_node.Take());
    }

    [Fact]
    public void QueriesToOneAddress_AreThrottled()
    {
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(
                i < 4 ? AskResult.Sent : AskResult.Throttled,
                _node.Node.Ping(Asker.WithPort((ushort)(1 + i)), _node.Now));
        }

        Assert.Equal(AskResult.Sent, _node.Node.Ping(Other, _node.Now));
        _node.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(AskResult.Sent, _node.Node.Ping(Asker, _node.Now));
        Assert.Equal(AskResult.Throttled, _node.Node.Ping(Asker, _node.Now));
    }

    [Fact]
    public void AllSlotsTaken_IsBusyAndTakesNoAllowance()
    {
        var node = new NodeHarness(new NodeOptions { OpenQueriesMax = 2 });
        Assert.Equal(AskResult.Sent, node.Node.Ping(Asker, node.Now, _listener, 1));
        Assert.Equal(AskResult.Sent, node.Node.Ping(Asker, node.Now, _listener, 2));
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(AskResult.Busy, node.Node.Ping(Other, node.Now, _listener, 3));
        }

        node.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(["timeout 1", "timeout 2"], _listener.Ends);
        Assert.Equal(AskResult.Sent, node.Node.Ping(Other, node.Now));
        Assert.Equal(3, node.Counters.QueriesSent);
    }

    [Fact]
    public void Announce_CarriesWhatWasAsked()
    {
        _node.Node.AnnouncePeer(Asker, new InfoHash(Bytes(IdB)), 0, "tok"u8, _node.Now);
        Assert.Contains("12:implied_porti1e", _node.TakeQuery().Text, StringComparison.Ordinal);
        _node.Node.AnnouncePeer(Asker, new InfoHash(Bytes(IdB)), 77, "tok"u8, _node.Now);
        string text = _node.TakeQuery().Text;
        Assert.DoesNotContain("implied_port", text, StringComparison.Ordinal);
        Assert.Contains("4:porti77e5:token3:tok", text, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => _node.Node.AnnouncePeer(Asker, default, 1, new byte[256], _node.Now));
        _node.Node.GetPeers(Asker, new InfoHash(Bytes(IdB)), IpFamily.IPv6, _node.Now);
        Assert.Contains("4:wantl2:n6e", _node.TakeQuery().Text, StringComparison.Ordinal);
    }

    /// <summary>Nodes that do not know implied_port store what the announcement says.</summary>
    [Fact]
    public void AnAnnouncementWithoutAPort_NamesTheOneOfTheSocket_OrWhatMostOthersSee()
    {
        var node = new NodeHarness(new NodeOptions { LocalEndpoint = Endpoint.Parse("0.0.0.0:45000") });
        Assert.Contains("4:porti45000e", Announced(), StringComparison.Ordinal);
        for (int voter = 0; voter < 4; voter++)
        {
            Endpoint source = TestEndpoints.Public(IpFamily.IPv4, voter);
            node.Node.Ping(source, node.Now);
            string seen = WireText.Of(Endpoint.Parse(voter == 0 ? "9.9.9.9:666" : "9.9.9.9:50007"));
            string id = node.TakeQuery().TransactionId;
            node.Receive(Bytes($"d2:ip6:{seen}1:rd2:id20:{IdB}e1:t{Str(id)}1:y1:re"), source);
            Assert.Contains(voter < 3 ? "4:porti45000e" : "4:porti50007e", Announced(), StringComparison.Ordinal);
        }

        string Announced()
        {
            node.Take();
            node.Advance(TimeSpan.FromSeconds(1));
            node.Take();
            node.Node.AnnouncePeer(Asker, new InfoHash(Bytes(IdB)), 0, "tok"u8, node.Now);
            return node.TakeQuery().Text;
        }
    }

    private string Send()
    {
        Assert.Equal(AskResult.Sent, _node.Node.Ping(Asker, _node.Now, _listener, 5));
        return _node.TakeQuery().TransactionId;
    }
}
