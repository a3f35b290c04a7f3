using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Krpc;

public sealed class KrpcParserTests
{
    private static readonly NodeId A = new(Bytes(IdA));
    private static readonly NodeId B = new(Bytes(IdB));

    [Theory]
    [InlineData("ping", KrpcMethod.Ping)]
    [InlineData("find_node", KrpcMethod.FindNode)]
    [InlineData("get_peers", KrpcMethod.GetPeers)]
    [InlineData("announce_peer", KrpcMethod.AnnouncePeer)]
    [InlineData("sample_infohashes", KrpcMethod.SampleInfoHashes)]
    [InlineData("unknown method", KrpcMethod.Other)]
    public void AQuery_ShowsItsMethodAndSender(string name, KrpcMethod method)
    {
        KrpcMessage.Parse(KrpcSamples.Get(name), out KrpcMessage message);
        Assert.Equal(KrpcKind.Query, message.Kind);
        Assert.Equal(method, message.Method);
        Assert.Equal(method == KrpcMethod.Other ? "hello" : name, Text(message.MethodName));
        Assert.Equal(A, message.SenderId);
        Assert.Equal(method == KrpcMethod.Other ? "z" : "aa", Text(message.TransactionId));
    }

    [Theory]
    [InlineData("pin")]
    [InlineData("pings")]
    [InlineData("PING")]
    [InlineData("")]
    [InlineData("find_nodes")]
    [InlineData("get_peerz")]
    [InlineData("\u00FF\u00FE")]
    public void AMethodThatIsNearlyKnown_IsAnother(string method)
    {
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(Query(method), out KrpcMessage message));
        Assert.Equal(KrpcMethod.Other, message.Method);
        Assert.Equal(method, Text(message.MethodName));
    }

    [Fact]
    public void AnAnnounce_ShowsItsArguments()
    {
        KrpcMessage.Parse(KrpcSamples.Get("announce_peer"), out KrpcMessage message);
        Assert.True(message.ImpliedPort);
        Assert.Equal(6881, message.Port);
        Assert.Equal("aoeusnth", Text(message.Token));
        Assert.Equal(new InfoHash(Bytes(IdB)), message.InfoHash);
        Assert.False(message.HasTarget);
    }

    [Fact]
    public void AFindNode_ShowsItsTargetAndWant()
    {
        KrpcMessage.Parse(KrpcSamples.Get("find_node of both families"), out KrpcMessage message);
        Assert.Equal(B, message.Target);
        Assert.Equal(IpFamily.Both, message.Want);
        Assert.False(message.HasInfoHash);
    }

    [Fact]
    public void AResponse_ShowsItsContacts()
    {
        KrpcMessage.Parse(KrpcSamples.Get("nodes6"), out KrpcMessage message);
        Assert.Equal(KrpcKind.Response, message.Kind);
        Assert.Equal(B, message.SenderId);
        Assert.Equal(1, message.Nodes.Count);
        Assert.Equal(2, message.Nodes6.Count);
        Assert.True(message.TryGetObservedEndpoint(out Endpoint observed));
        Assert.True(observed.IsIPv6);
    }

    [Fact]
    public void APeersReply_ShowsItsPeersAndToken()
    {
        KrpcMessage.Parse(KrpcSamples.Get("peers"), out KrpcMessage message);
        Assert.True(message.HasValues);
        Assert.Equal("aoeusnth", Text(message.Token));
        CompactPeers.Enumerator peers = message.Values.GetEnumerator();
        Assert.True(peers.MoveNext());
        Assert.Equal(Endpoint.FromIPv4(0x61786A65, 0x2E75), peers.Current);
        Assert.True(peers.MoveNext());
        Assert.Equal(Endpoint.FromIPv4(0x69646874, 0x6E6D), peers.Current);
        Assert.False(peers.MoveNext());
        Assert.False(peers.MoveNext());
    }

    [Fact]
    public void ASamplesReply_ShowsThem()
    {
        KrpcMessage.Parse(KrpcSamples.Get("samples"), out KrpcMessage message);
        Assert.True(message.HasSamples);
        Assert.Equal(40, message.Samples.Length);
        Assert.Equal(21_600, message.Interval);
        Assert.Equal(2, message.Num);
    }

    [Fact]
    public void AnError_ShowsCodeAndText()
    {
        KrpcMessage.Parse(KrpcSamples.Get("error"), out KrpcMessage message);
        Assert.Equal(KrpcKind.Error, message.Kind);
        Assert.Equal(KrpcErrorCode.Generic, message.ErrorCode);
        Assert.Equal("A Generic Error Ocurred", Text(message.ErrorText));
        Assert.Equal(KrpcBodyFault.None, message.BodyFault);
    }

    [Fact]
    public void ReadOnly_IsSeenOnlyWhenItIsOne()
    {
        (string, bool)[] tails =
            [("2:roi1e", true), ("2:roi0e", false), ("2:roi2e", false), ("2:ro1:1", false), ("", false)];
        foreach ((string tail, bool expected) in tails)
        {
            Assert.Equal(KrpcFault.None, KrpcMessage.Parse(Query("ping", "", tail), out KrpcMessage message));
            Assert.Equal(expected, message.IsReadOnly);
        }
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, false)]
    [InlineData(6, true)]
    [InlineData(16, false)]
    [InlineData(18, true)]
    public void TheObservedEndpoint_MustBeCompact(int length, bool expected)
    {
        KrpcMessage.Parse(Response("", "2:ip" + Str(Fill(length))), out KrpcMessage message);
        Assert.Equal(expected, message.TryGetObservedEndpoint(out _));
    }

    [Fact]
    public void TheBody_IsTheWholeDictionary()
    {
        KrpcMessage.Parse(KrpcSamples.Get("unknown method"), out KrpcMessage message);
        Assert.Equal($"d2:id20:{IdA}5:valued1:xi-7e1:yl0:eee", Text(message.Body));
        Assert.Equal("XX\0\u0001", Text(message.Version));
    }

    [Fact]
    public void Parsing_AllocatesNothing()
    {
        Assert.Equal(0, AllocationGuard.OnThread(KrpcSamples.All, static messages =>
        {
            for (int i = 0; i < 100; i++)
            {
                foreach (byte[] datagram in messages)
                {
                    KrpcProbe.ParseAndRead(datagram);
                }
            }
        }));
    }
}
