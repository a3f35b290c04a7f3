using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Testing;

public sealed class SwarmResponderTests
{
    private const string Id = "2:id20:abcdefghij0123456789";

    private readonly SwarmBench _bench = new(1000);

    [Fact]
    public void Ping_IdAddressVersion()
    {
        KrpcMessage reply = Ask(7, $"d1:ad{Id}e1:q4:ping1:t3:xyz1:y1:qe");

        Assert.Equal(KrpcKind.Response, reply.Kind);
        Assert.Equal(_bench.Population.IdOf(7), reply.SenderId);
        Assert.Equal("xyz"u8, reply.TransactionId);
        Assert.False(reply.Version.IsEmpty);
        Assert.True(reply.TryGetObservedEndpoint(out Endpoint observed));
        Assert.Equal(SwarmBench.Asker, observed);
    }

    [Fact]
    public void GetPeers_TokenAndNodes()
    {
        string query = $"d1:ad{Id}9:info_hash20:abcdefghij0123456789e1:q9:get_peers1:t2:aa1:y1:qe";
        string token = Convert.ToHexString(Ask(7, query).Token);

        Assert.Equal(16, token.Length);
        Assert.Equal(token, Convert.ToHexString(Ask(7, query).Token));
        Assert.NotEqual(token, Convert.ToHexString(Ask(8, query).Token));
        Assert.Equal(8, Ask(7, query).Nodes.Count);
        Assert.False(Ask(7, query).HasValues);
    }

    [Fact]
    public void Announce_IsAccepted()
    {
        KrpcMessage reply = Ask(
            7, $"d1:ad{Id}9:info_hash20:abcdefghij01234567894:porti1e5:token1:xe1:q13:announce_peer1:t2:aa1:y1:qe");

        Assert.Equal(KrpcKind.Response, reply.Kind);
        Assert.Equal(_bench.Population.IdOf(7), reply.SenderId);
    }

    [Fact]
    public void Samples_TheNodesOwn()
    {
        KrpcMessage reply = Ask(7, $"d1:ad{Id}6:target20:abcdefghij0123456789e1:q17:sample_infohashes1:t2:aa1:y1:qe");

        Assert.Equal(3600, reply.Interval);
        Assert.Equal(4, reply.Num);
        Assert.Equal(4 * InfoHash.Size, reply.Samples.Length);
        Assert.Equal(_bench.Population.SampleOf(7, 3), new InfoHash(reply.Samples[^InfoHash.Size..]));
        Assert.NotEqual(_bench.Population.SampleOf(7, 3), _bench.Population.SampleOf(8, 3));
        Assert.Equal(8, reply.Nodes.Count);
    }

    [Theory]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q4:vote1:t2:aa1:y1:qe", KrpcErrorCode.MethodUnknown)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:t2:aa1:y1:qe", KrpcErrorCode.Protocol)]
    [InlineData("d1:ade1:q4:ping1:t2:aa1:y1:qe", KrpcErrorCode.Protocol)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q9:find_node1:t2:aa1:y1:qe", KrpcErrorCode.Protocol)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q9:get_peers1:t2:aa1:y1:qe", KrpcErrorCode.Protocol)]
    public void WrongQueries_AreToldWhy(string query, int code)
    {
        KrpcMessage reply = Ask(7, query);

        Assert.Equal(KrpcKind.Error, reply.Kind);
        Assert.Equal(code, reply.ErrorCode);
        Assert.Equal("aa"u8, reply.TransactionId);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("hello", 1)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:y1:qe", 1)]
    [InlineData("d1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re", 0)]
    [InlineData("d1:eli201e1:xe1:t2:aa1:y1:ee", 0)]
    public void NoQueries_AreNotAnswered(string datagram, int malformed)
    {
        Assert.True(_bench.Ask(7, Encoding.Latin1.GetBytes(datagram)).IsEmpty);
        Assert.Equal(malformed, _bench.Responder.Tally.Malformed);
    }

    [Theory]
    [InlineData("2:n4", 8, false)]
    [InlineData("2:n6", 0, true)]
    [InlineData("2:n42:n6", 8, true)]
    public void Want_IsHeeded(string want, int nodes, bool hasNodes6)
    {
        byte[] query = Encoding.Latin1.GetBytes(
            $"d1:ad{Id}6:target20:abcdefghij01234567894:wantl{want}ee1:q9:find_node1:t2:aa1:y1:qe");
        ReadOnlySpan<byte> reply = _bench.Ask(7, query);

        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(reply, out KrpcMessage message));
        Assert.Equal(nodes, message.Nodes.Count);
        Assert.Equal(hasNodes6, reply.IndexOf("6:nodes60:"u8) > 0);
    }

    [Fact]
    public void Loss_AsManyAsSaid()
    {
        var bench = new SwarmBench(100, loss: 20);
        byte[] query = SwarmClient.FindNode(default);
        int answered = 0;
        for (int i = 0; i < 10_000; i++)
        {
            answered += bench.Ask(i % 100, query).IsEmpty ? 0 : 1;
        }

        Assert.InRange(answered, 7_800, 8_200);
        Assert.Equal(10_000, bench.Responder.Tally.Lost + answered);
    }

    [Fact]
    public void BrokenDatagrams_NeverThrow()
    {
        var bench = new SwarmBench(500, hostile: 50);
        var random = new SeededRandomSource(12);
        byte[] sound = Encoding.Latin1.GetBytes(
            $"d1:ad{Id}9:info_hash20:abcdefghij01234567896:target20:abcdefghij0123456789e1:q9:get_peers1:t2:aa1:y1:qe");
        for (int i = 0; i < 30_000; i++)
        {
            byte[] broken = [.. sound];
            for (int changes = random.Next(4); changes >= 0; changes--)
            {
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            }

            int length = random.Next(4) == 0 ? random.Next(broken.Length) : broken.Length;
            Assert.InRange(bench.Ask(i % 500, broken.AsSpan(0, length)).Length, 0, 1400);
        }

        Assert.NotEqual(0, bench.Responder.Tally.Malformed);
    }

    [Fact]
    public void Answers_AllocateNothing()
    {
        var random = new SeededRandomSource(6);
        byte[][] queries = [.. Enumerable.Range(0, 500).Select(_ => SwarmClient.FindNode(NodeId.Random(random)))];
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 20_000; i++)
            {
                _bench.Ask(i % 1000, queries[i % queries.Length]);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private KrpcMessage Ask(int node, string query)
    {
        ReadOnlySpan<byte> reply = _bench.Ask(node, Encoding.Latin1.GetBytes(query));
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(reply, out KrpcMessage message));
        return message;
    }
}
