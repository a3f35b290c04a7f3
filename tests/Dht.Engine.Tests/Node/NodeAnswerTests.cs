using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Storage;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;
using static Dht.Engine.Tests.Support.NodeHarness;

namespace Dht.Engine.Tests.Node;

public sealed class NodeAnswerTests
{
    private readonly NodeHarness _node = new();

    [Fact]
    public void Ping_IsAnsweredWithTheTransactionIdAnIdAndTheAskersEndpoint()
    {
        byte[] reply = Bytes(_node.Ask(Ping));
        Assert.True(CanonicalWalk.IsCanonical(reply));
        KrpcMessage.Parse(reply, out KrpcMessage message);
        Assert.Equal(KrpcKind.Response, message.Kind);
        Assert.Equal("aa", Text(message.TransactionId));
        Assert.Equal(_node.Node.Id, message.SenderId);
        Assert.True(message.TryGetObservedEndpoint(out Endpoint observed));
        Assert.Equal(Asker, observed);
        Assert.Contains("2:ip6:", Text(reply), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", false, "5:nodes0:", "6:nodes6")]
    [InlineData("4:wantl2:n4e", true, "5:nodes0:", "6:nodes6")]
    [InlineData("", true, "6:nodes60:", "5:nodes")]
    [InlineData("4:wantl2:n6e", false, "6:nodes60:", "5:nodes")]
    [InlineData("4:wantl2:n42:n6e", false, "5:nodes0:6:nodes60:", "values")]
    public void FindNodeOfAnEmptyTable_StillCarriesTheListsAskedFor(
        string want, bool overIPv6, string present, string absent)
    {
        string reply = _node.Ask(Query("find_node", $"6:target20:{IdB}{want}"), overIPv6 ? Asker6 : Asker);
        Assert.Contains(present, reply, StringComparison.Ordinal);
        Assert.DoesNotContain(absent, reply, StringComparison.Ordinal);
    }

    [Fact]
    public void FindNode_YieldsTheClosestButNeverTheAsker()
    {
        var random = new SeededRandomSource(7);
        var known = new List<NodeId> { new(Bytes(IdA)) };
        _node.Introduce(known[0], Asker);
        for (uint i = 0; i < 50; i++)
        {
            known.Add(NodeId.Random(random));
            _node.Introduce(known[^1], Endpoint.FromIPv4(0x09000000 + (i << 8), 6881));
        }

        Assert.True(_node.Node.ContactCount > 16);
        byte[] reply = Bytes(_node.Ask(Query("find_node", $"6:target20:{IdA}")));
        KrpcMessage.Parse(reply, out KrpcMessage message);
        Assert.Equal(8, message.Nodes.Count);
        foreach (CompactNode contact in message.Nodes)
        {
            Assert.NotEqual(known[0], contact.Id);
            Assert.Contains(contact.Id, known);
        }
    }

    [Theory]
    [InlineData("find_node")]
    [InlineData("sample_infohashes")]
    [InlineData("get_peers")]
    [InlineData("announce_peer")]
    public void MissingOrBadArguments_Give203(string method)
    {
        string key = method is "get_peers" or "announce_peer" ? "9:info_hash" : "6:target";
        string[] all = ["", $"{key}19:{Fill(19)}", $"{key}21:{Fill(21)}", $"{key}i1e", $"{key}0:"];
        foreach (string arguments in all)
        {
            string reply = _node.Ask(Query(method, arguments));
            Assert.Contains("1:eli203e", reply, StringComparison.Ordinal);
            Assert.Contains("1:t2:aa", reply, StringComparison.Ordinal);
            Assert.EndsWith("1:y1:ee", reply, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("d1:ad2:id2:abe1:q4:ping1:t2:aa1:y1:qe", 203)]
    [InlineData("d1:ade1:q4:ping1:t2:aa1:y1:qe", 203)]
    [InlineData("d1:ai1e1:q4:ping1:t2:aa1:y1:qe", 203)]
    [InlineData("d1:q4:ping1:t2:aa1:y1:qe", 203)]
    [InlineData("d1:rd2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe", 203)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:t2:aa1:y1:qe", 203)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q5:hello1:t2:aa1:y1:qe", 204)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q2:\u00ff\u00fe1:t2:aa1:y1:qe", 204)]
    public void MalformedQueries_AreAnsweredWithAnError(string query, int code)
    {
        string reply = _node.Ask(Bytes(query));
        Assert.Contains($"1:eli{code}e", reply, StringComparison.Ordinal);
        Assert.True(CanonicalWalk.IsCanonical(Bytes(reply)));
        Assert.Equal(1, _node.Counters.ErrorsSent);
        Assert.Equal(0, _node.Counters.QueriesAnswered);
    }

    [Fact]
    public void GetPeersAndAnnounce_StoreAPeerThatIsFoundAgain()
    {
        string token = GetToken(out _);
        string reply = _node.Ask(Announce($"4:porti7777e5:token8:{token}"));
        Assert.EndsWith("1:y1:re", reply, StringComparison.Ordinal);
        GetToken(out List<Endpoint> peers);
        Assert.Equal([Asker.WithPort(7777)], peers);
        Assert.Equal(1, _node.Counters.PeersStored);
    }

    [Fact]
    public void AnnounceWithImpliedPort_StoresTheSourcePort()
    {
        string token = GetToken(out _);
        Assert.EndsWith(
            "1:y1:re",
            _node.Ask(Query("announce_peer", $"12:implied_porti1e9:info_hash20:{IdB}4:porti0e5:token8:{token}")),
            StringComparison.Ordinal);
        GetToken(out List<Endpoint> peers);
        Assert.Equal([Asker], peers);
    }

    [Theory]
    [InlineData("4:porti7777e5:token8:xxxxxxxx")]
    [InlineData("4:porti7777e5:token0:")]
    [InlineData("4:porti7777e")]
    public void AnnounceWithAWrongToken_Gives203(string arguments)
    {
        Assert.Contains("1:eli203e9:bad token", _node.Ask(Announce(arguments)), StringComparison.Ordinal);
        Assert.Equal(0, _node.Node.Peers.PeerCount);
    }

    [Theory]
    [InlineData("4:porti0e")]
    [InlineData("4:porti65536e")]
    [InlineData("4:porti-1e")]
    [InlineData("4:port4:7777")]
    [InlineData("")]
    public void AnnounceWithABadPort_Gives203(string port)
    {
        string token = GetToken(out _);
        Assert.Contains("1:eli203e", _node.Ask(Announce($"{port}5:token8:{token}")), StringComparison.Ordinal);
        Assert.Equal(0, _node.Node.Peers.PeerCount);
    }

    [Fact]
    public void AToken_ServesItsAddressOnlyAndExpiresAfterTwoRotations()
    {
        string token = GetToken(out _);
        byte[] announce = Announce($"4:porti7777e5:token8:{token}");
        Assert.Contains("bad token", _node.Ask(announce, Endpoint.Parse("8.8.8.9:6881")), StringComparison.Ordinal);
        _node.Advance(TokenVault.RotationInterval);
        Assert.EndsWith("1:y1:re", _node.Ask(announce), StringComparison.Ordinal);
        _node.Advance(TokenVault.RotationInterval);
        Assert.Contains("bad token", _node.Ask(announce), StringComparison.Ordinal);
    }

    [Fact]
    public void StoredPeers_ExpireWithTime()
    {
        string token = GetToken(out _);
        _node.Ask(Announce($"4:porti7777e5:token8:{token}"));
        _node.Advance(PeerStore.PeerLifetime + TimeSpan.FromMinutes(1));
        Assert.Equal(0, _node.Node.Peers.PeerCount);
    }

    [Fact]
    public void AReadOnlyNode_AnswersNothingAndSaysSo()
    {
        var node = new NodeHarness(new NodeOptions { ReadOnly = true });
        Assert.Equal("", node.Ask(Ping));
        Assert.Equal("", node.Ask(Query("hello")));
        Assert.Equal(2, node.Counters.QueriesReceived);
        node.Node.Ping(Asker, node.Now);
        Assert.Contains("2:roi1e", node.TakeQuery().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void OurOwnQueryReflected_IsCountedAndNotAnswered()
    {
        _node.Node.Ping(Asker, _node.Now);
        byte[] own = Assert.Single(_node.Take()).Datagram;
        Assert.Equal("", _node.Ask(own));
        Assert.Equal(1, _node.Counters.Reflected);
    }

    [Fact]
    public void OneAddress_IsAnsweredUpToItsLimit()
    {
        var node = new NodeHarness(new NodeOptions { AnswersPerSecondPerAddress = 10, AnswerBurst = 5 });
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(i < 5, node.AnswersPing(Asker.WithPort((ushort)(1 + i))));
        }

        Assert.Equal(3, node.Counters.Throttled);
        Assert.True(node.AnswersPing(Endpoint.Parse("9.9.9.9:1")));
        node.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(node.AnswersPing());
        Assert.False(node.AnswersPing());
    }

    [Fact]
    public void AFullOutbox_DropsTheAnswerAndCounts()
    {
        var node = new NodeHarness(outboxSize: 1);
        node.Receive(Query("hello"));
        node.Receive(Query("hello"));
        Assert.Single(node.Take());
        Assert.Equal(1, node.Counters.AnswersDropped);
    }

    [Fact]
    public void AForbiddenSource_GetsNoPacket()
    {
        var node = new NodeHarness(policy: AddressPolicy.Public);
        Assert.Equal("", node.Ask(Ping, Endpoint.Parse("127.0.0.1:6881")));
        Assert.Equal("", node.Ask(Ping, Endpoint.Parse("8.8.8.8:0")));
        Assert.Equal(2, node.Counters.AnswersDropped);
        Assert.Equal(2, node.Outbox.RefusedByPolicy);
    }

    private static byte[] Announce(string arguments) => Query("announce_peer", $"9:info_hash20:{IdB}{arguments}");

    private string GetToken(out List<Endpoint> peers)
    {
        KrpcMessage.Parse(Bytes(_node.Ask(Query("get_peers", $"9:info_hash20:{IdB}"))), out KrpcMessage message);
        Assert.Equal(0, message.Nodes.Count % 8);
        Assert.Equal(TokenVault.TokenSize, message.Token.Length);
        peers = [];
        foreach (Endpoint peer in message.Values)
        {
            peers.Add(peer);
        }

        return Text(message.Token);
    }
}
