using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Krpc;

public sealed class KrpcArgumentTests
{
    [Theory]
    [InlineData("i0e", 0)]
    [InlineData("i1e", 1)]
    [InlineData("i65535e", 65535)]
    [InlineData("i65536e", 0)]
    [InlineData("i-1e", 0)]
    [InlineData("i-65535e", 0)]
    [InlineData("i4295049681e", 0)]
    [InlineData("4:6881", 0)]
    [InlineData("le", 0)]
    public void APort_IsInRangeOrAbsent(string value, int port)
    {
        Assert.Equal(
            KrpcFault.None, KrpcMessage.Parse(Query("announce_peer", $"4:port{value}"), out KrpcMessage message));
        Assert.Equal(port, message.Port);
    }

    [Theory]
    [InlineData("i0e", false)]
    [InlineData("i1e", true)]
    [InlineData("i-1e", true)]
    [InlineData("i2e", true)]
    [InlineData("1:1", false)]
    public void ImpliedPort_IsAnyNumberButZero(string value, bool implied)
    {
        KrpcMessage.Parse(Query("announce_peer", $"12:implied_port{value}"), out KrpcMessage message);
        Assert.Equal(implied, message.ImpliedPort);
    }

    [Theory]
    [InlineData("le", IpFamily.None)]
    [InlineData("l2:n4e", IpFamily.IPv4)]
    [InlineData("l2:n6e", IpFamily.IPv6)]
    [InlineData("l2:n62:n4e", IpFamily.Both)]
    [InlineData("l2:n42:n4e", IpFamily.IPv4)]
    [InlineData("l2:n52:n6e", IpFamily.IPv6)]
    [InlineData("l2:N43:n420:e", IpFamily.None)]
    [InlineData("2:n4", IpFamily.None)]
    [InlineData("i4e", IpFamily.None)]
    [InlineData("d2:n42:n6e", IpFamily.None)]
    [InlineData("li4e2:n6e", IpFamily.None)]
    public void Want_CountsOnlyWhatItKnows(string value, IpFamily families)
    {
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(Query("find_node", $"4:want{value}"), out KrpcMessage message));
        Assert.Equal(families, message.Want);
    }

    [Theory]
    [InlineData("i-1e", 0)]
    [InlineData("i0e", 0)]
    [InlineData("i21600e", 21_600)]
    [InlineData("i21601e", 21_600)]
    [InlineData("i1099511627776e", 21_600)]
    [InlineData("2:60", 0)]
    public void AnInterval_IsClamped(string value, int interval)
    {
        KrpcMessage.Parse(Response($"8:interval{value}3:numi-5e7:samples0:"), out KrpcMessage message);
        Assert.Equal(interval, message.Interval);
        Assert.Equal(0, message.Num);
        Assert.True(message.HasSamples);
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(25, 0, false)]
    [InlineData(26, 1, true)]
    [InlineData(27, 0, false)]
    [InlineData(38, 0, false)]
    [InlineData(2000 * 26, 2000, true)]
    public void NodesOfAnotherLength_AreRefusedWhole(int length, int count, bool wellFormed)
    {
        KrpcMessage.Parse(Response($"5:nodes{Str(Fill(length))}"), out KrpcMessage message);
        Assert.Equal(count, message.Nodes.Count);
        Assert.Equal(wellFormed, message.Nodes.IsWellFormed);
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(37, 0, false)]
    [InlineData(38, 1, true)]
    [InlineData(26, 0, false)]
    [InlineData(76, 2, true)]
    public void Nodes6OfAnotherLength_AreRefusedWhole(int length, int count, bool wellFormed)
    {
        KrpcMessage.Parse(Response($"6:nodes6{Str(Fill(length))}"), out KrpcMessage message);
        Assert.Equal(count, message.Nodes6.Count);
        Assert.Equal(wellFormed, message.Nodes6.IsWellFormed);
    }

    [Theory]
    [InlineData("5:nodesle")]
    [InlineData("5:nodesi5e")]
    [InlineData("5:nodesd1:a1:be")]
    public void NodesOfAnotherType_AreAbsent(string values)
    {
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(Response(values), out KrpcMessage message));
        Assert.Equal(KrpcBodyFault.None, message.BodyFault);
        Assert.Equal(0, message.Nodes.Count);
    }

    [Theory]
    [InlineData("6:abcdef", 0, false)]
    [InlineData("i5e", 0, false)]
    [InlineData("d6:abcdef0:e", 0, false)]
    [InlineData("le", 0, true)]
    [InlineData("l6:abcdefe", 1, true)]
    [InlineData("l6:abcdef18:abcdefghijklmnopqr6:ABCDEFe", 3, true)]
    [InlineData("li1ei2ee", 0, true)]
    [InlineData("li1e6:abcdefl6:zzzzzze5:abcded1:x6:yyyyyye7:abcdefg6:ABCDEFe", 2, true)]
    [InlineData("l0:1:a5:abcde7:abcdefg17:abcdefghijklmnopq19:abcdefghijklmnopqrse", 0, true)]
    public void Values_YieldWhatIsWellFormed(string value, int count, bool present)
    {
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(Response($"6:values{value}"), out KrpcMessage message));
        Assert.Equal(present, message.HasValues);
        Assert.Equal(count, Count(message.Values));
    }

    [Fact]
    public void TenThousandValues_AreRefusedOrReadAsFarAsADatagramGoes()
    {
        var list = new StringBuilder();
        for (int i = 0; i < 8_000; i++)
        {
            list.Append("6:abcdef");
        }

        KrpcMessage.Parse(Response($"6:valuesl{list}e"), out KrpcMessage message);
        Assert.Equal(8_000, Count(message.Values));
        for (int i = 0; i < 2_000; i++)
        {
            list.Append("6:abcdef");
        }

        Assert.Equal(KrpcFault.TooLong, KrpcMessage.Parse(Response($"6:valuesl{list}e"), out _));
        list.Clear().Insert(0, "0:", 10_000);
        KrpcMessage.Parse(Response($"6:valuesl{list}e"), out message);
        Assert.Equal(0, Count(message.Values));
    }

    [Theory]
    [InlineData("")]
    [InlineData("l")]
    [InlineData("e")]
    [InlineData("lx")]
    [InlineData("l6:abc")]
    [InlineData("l6:abcdef")]
    [InlineData("lli1e")]
    public void PeersOverABrokenList_EndEarly(string list) =>
        Assert.InRange(Count(new CompactPeers(Bytes(list))), 0, 1);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(60_000)]
    public void AToken_MayHaveAnyLength(int length)
    {
        KrpcMessage.Parse(Response($"5:token{Str(Fill(length))}"), out KrpcMessage message);
        Assert.True(message.HasToken);
        Assert.Equal(length, message.Token.Length);
    }

    [Fact]
    public void AnInfoHashOf19Bytes_IsAbsent()
    {
        KrpcMessage.Parse(Query("get_peers", $"9:info_hash19:{Fill(19)}"), out KrpcMessage message);
        Assert.False(message.HasInfoHash);
        Assert.Equal(default, message.InfoHash);
        Assert.Equal(KrpcBodyFault.None, message.BodyFault);
    }

    [Fact]
    public void TheDefaultView_HoldsNothing()
    {
        KrpcMessage message = default;
        Assert.Equal(0, message.Nodes.Count);
        Assert.Equal(0, default(CompactNodes).Count);
        Assert.Equal(0, Count(message.Values));
        Assert.False(message.TryGetObservedEndpoint(out _));
        Assert.True(message.TransactionId.IsEmpty);
    }

    private static int Count(CompactPeers peers)
    {
        int count = 0;
        foreach (Endpoint peer in peers)
        {
            Assert.NotEqual(IpFamily.None, peer.Family);
            count++;
        }

        return count;
    }
}
