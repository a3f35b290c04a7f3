using Dht.Engine.Krpc;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Krpc;

public sealed class KrpcLeniencyTests
{
    [Fact]
    public void UnsortedKeys_AreTakenInAnyOrder()
    {
        byte[] datagram = Bytes($"d1:y1:q1:t2:aa1:q9:find_node1:ad6:target20:{IdB}2:id20:{IdA}ee");
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(datagram, out KrpcMessage message));
        Assert.Equal(KrpcBodyFault.None, message.BodyFault);
        Assert.Equal(KrpcMethod.FindNode, message.Method);
        Assert.Equal(IdA, Text(message.Id));
        Assert.True(message.HasTarget);
    }

    [Theory]
    [InlineData("0:0:")]
    [InlineData("1:zi-1e")]
    [InlineData("1:zli1eli2eee")]
    [InlineData("1:zi9223372036854775808e")]
    [InlineData("1:zi-9223372036854775809e")]
    [InlineData("1:zld1:ai99999999999999999999999999999eei1ee")]
    [InlineData("1:zd1:a1:be")]
    [InlineData("2:zzd2:id3:abce")]
    [InlineData("3:idsl5:nodese")]
    public void UnknownKeys_AreSteppedOver(string extra)
    {
        byte[] datagram = Bytes($"d{extra}1:ad{extra}2:id20:{IdA}e1:q4:ping1:t2:aa1:y1:qe");
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(datagram, out KrpcMessage message));
        Assert.Equal(KrpcBodyFault.None, message.BodyFault);
        Assert.Equal(KrpcMethod.Ping, message.Method);
        Assert.Equal(IdA, Text(message.Id));
    }

    /// <summary>
    /// Others answer a message with a number that does not fit 64 bits, and so it must not silence us; but it is no
    /// value of ours: the field counts as absent.
    /// </summary>
    [Theory]
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775809")]
    [InlineData("99999999999999999999999999999999999999999999999999999999999999999999999999999999999")]
    public void AFieldOfOursBeyond64Bits_IsAbsent(string number)
    {
        byte[] datagram = Bytes(
            $"d1:ad2:id20:{IdA}12:implied_porti{number}e8:intervali{number}e3:numi{number}e4:porti{number}ee"
            + $"1:q13:announce_peer2:roi{number}e1:t2:aa1:y1:qe");
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(datagram, out KrpcMessage message));
        Assert.Equal(KrpcBodyFault.None, message.BodyFault);
        Assert.Equal((0, 0, 0L), (message.Port, message.Interval, message.Num));
        Assert.Equal((false, false), (message.ImpliedPort, message.IsReadOnly));
        Assert.Equal(
            KrpcFault.None, KrpcMessage.Parse(Bytes($"d1:eli{number}e2:noe1:t2:aa1:y1:ee"), out KrpcMessage error));
        Assert.Equal(KrpcBodyFault.BadBody, error.BodyFault);
    }

    [Theory]
    [InlineData("1:y1:r")]
    [InlineData("1:y1:q1:q9:get_peers")]
    [InlineData("e1:t2:zz1:y1:ee")]
    [InlineData("2:id20:mnopqrstuvwxyz123456")]
    public void KeysHiddenInStrings_AreNotSeen(string hidden)
    {
        byte[] datagram = Bytes(
            $"d1:ad2:id20:{IdA}1:z{Str(hidden)}e1:m{Str(hidden)}1:q4:ping1:t2:aa1:v{Str(hidden)}1:y1:qe");
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(datagram, out KrpcMessage message));
        Assert.Equal(KrpcKind.Query, message.Kind);
        Assert.Equal(KrpcMethod.Ping, message.Method);
        Assert.Equal("aa", Text(message.TransactionId));
        Assert.Equal(IdA, Text(message.Id));
    }

    [Fact]
    public void KeysHiddenInNestedDictionaries_AreNotSeen()
    {
        byte[] datagram = Bytes(
            $"d1:ad2:id20:{IdA}1:zd2:id20:{IdB}4:porti1eee1:md1:t2:zz1:y1:re1:q4:ping1:t2:aa1:y1:qe");
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(datagram, out KrpcMessage message));
        Assert.Equal(KrpcKind.Query, message.Kind);
        Assert.Equal("aa", Text(message.TransactionId));
        Assert.Equal(IdA, Text(message.Id));
        Assert.Equal(0, message.Port);
    }

    [Fact]
    public void TrailingBytes_AreCountedAndIgnored()
    {
        byte[] datagram = [.. Query("ping"), .. Bytes("d1:y1:re")];
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(datagram, out KrpcMessage message));
        Assert.Equal(8, message.TrailingBytes);
        Assert.Equal(KrpcKind.Query, message.Kind);
    }

    [Theory]
    [InlineData("d1:t2:aa1:t2:bb1:y1:qe")]
    [InlineData("d1:t2:aa1:y1:q1:y1:re")]
    [InlineData("d1:t2:aa1:y1:q1:y1:ze")]
    [InlineData("d1:q4:ping1:q4:ping1:t2:aa1:y1:qe")]
    [InlineData("d2:ip6:abcdef2:ip6:abcdef1:t2:aa1:y1:qe")]
    [InlineData("d1:v1:a1:v1:b1:t2:aa1:y1:qe")]
    [InlineData("d1:ade1:ade1:t2:aa1:y1:qe")]
    [InlineData("d1:ad2:id20:abcdefghij01234567892:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe")]
    [InlineData("d1:ad5:token1:a5:token1:be1:t2:aa1:y1:qe")]
    [InlineData("d1:rd5:nodes0:5:nodes0:e1:t2:aa1:y1:re")]
    [InlineData("d1:rd6:nodes60:6:nodes60:e1:t2:aa1:y1:re")]
    [InlineData("d1:rd6:valuesle6:valueslee1:t2:aa1:y1:re")]
    [InlineData("d1:rd7:samples0:7:samples0:e1:t2:aa1:y1:re")]
    public void AKnownKeyTwice_RefusesTheMessage(string datagram) =>
        Assert.Equal(KrpcFault.DuplicateKey, KrpcMessage.Parse(Bytes(datagram), out _));

    [Fact]
    public void AnUnknownKindThatIsFollowedByAKnownOne_StaysUnknown() =>
        Assert.Equal(KrpcFault.UnknownKind, KrpcMessage.Parse(Bytes("d1:t2:aa1:y1:z1:y1:qe"), out _));
}
