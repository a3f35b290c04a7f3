using Dht.Engine.Krpc;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Krpc;

public sealed class KrpcFaultTests
{
    [Theory]
    [InlineData("", KrpcFault.NotKrpc)]
    [InlineData("x", KrpcFault.NotKrpc)]
    [InlineData("d", KrpcFault.NotKrpc)]
    [InlineData("le", KrpcFault.NotKrpc)]
    [InlineData("i1e", KrpcFault.NotKrpc)]
    [InlineData("4:spam", KrpcFault.NotKrpc)]
    [InlineData("\u0001\u0000\u0000\u0000", KrpcFault.NotKrpc)]
    [InlineData("dx", KrpcFault.BadBencode)]
    [InlineData("d1:t", KrpcFault.BadBencode)]
    [InlineData("d1:te", KrpcFault.BadBencode)]
    [InlineData("di1ei2ee", KrpcFault.BadBencode)]
    [InlineData("d01:t2:aa1:y1:qe", KrpcFault.BadBencode)]
    [InlineData("d1:t2:aa1:y1:q1:zi01ee", KrpcFault.BadBencode)]
    [InlineData("d1:ad4:porti09999999999999999999ee1:t2:aa1:y1:qe", KrpcFault.BadBencode)]
    [InlineData("d1:ad4:porti99999999999999999999e", KrpcFault.BadBencode)]
    [InlineData("d1:t2:aa1:y1:q1:zi99999999999999999999", KrpcFault.BadBencode)]
    [InlineData("d1:t2:aa1:y1:q1:zi99999999999999999999:ee", KrpcFault.BadBencode)]
    [InlineData("d1:t2:aa1:y1:q1:zi-09999999999999999999ee", KrpcFault.BadBencode)]
    [InlineData("d1:t4294967296:aa1:y1:qe", KrpcFault.BadBencode)]
    [InlineData("d1:t18446744073709551618:aa1:y1:qe", KrpcFault.BadBencode)]
    [InlineData("d1:t2147483647:aa1:y1:qe", KrpcFault.BadBencode)]
    [InlineData("de", KrpcFault.BadTransactionId)]
    [InlineData("d1:y1:qe", KrpcFault.BadTransactionId)]
    [InlineData("d1:t0:1:y1:qe", KrpcFault.BadTransactionId)]
    [InlineData("d1:ti7e1:y1:qe", KrpcFault.BadTransactionId)]
    [InlineData("d1:tl2:aae1:y1:qe", KrpcFault.BadTransactionId)]
    [InlineData("d1:t2:aae", KrpcFault.MissingKind)]
    [InlineData("d1:t2:aa1:yi1ee", KrpcFault.MissingKind)]
    [InlineData("d1:t2:aa1:yle", KrpcFault.BadBencode)]
    [InlineData("d1:t2:aa1:ylee", KrpcFault.MissingKind)]
    [InlineData("d1:t2:aa1:y1:ze", KrpcFault.UnknownKind)]
    [InlineData("d1:t2:aa1:y0:e", KrpcFault.UnknownKind)]
    [InlineData("d1:t2:aa1:y2:qqe", KrpcFault.UnknownKind)]
    public void ABrokenEnvelope_IsRefused(string datagram, KrpcFault fault) =>
        Assert.Equal(fault, KrpcProbe.ParseAndRead(Bytes(datagram)));

    [Theory]
    [InlineData("d1:t2:aa1:y1:qe", KrpcBodyFault.MissingMethod)]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:qi1e1:t2:aa1:y1:qe", KrpcBodyFault.MissingMethod)]
    [InlineData("d1:q4:ping1:t2:aa1:y1:qe", KrpcBodyFault.BadBody)]
    [InlineData("d1:ale1:q4:ping1:t2:aa1:y1:qe", KrpcBodyFault.BadBody)]
    [InlineData("d1:ai1e1:q4:ping1:t2:aa1:y1:qe", KrpcBodyFault.BadBody)]
    [InlineData("d1:a2:de1:q4:ping1:t2:aa1:y1:qe", KrpcBodyFault.BadBody)]
    [InlineData("d1:ade1:q4:ping1:t2:aa1:y1:qe", KrpcBodyFault.BadId)]
    [InlineData("d1:ad2:id19:abcdefghij012345678e1:q4:ping1:t2:aa1:y1:qe", KrpcBodyFault.BadId)]
    [InlineData("d1:ad2:id21:abcdefghij0123456789ae1:q4:ping1:t2:aa1:y1:qe", KrpcBodyFault.BadId)]
    [InlineData("d1:ad2:id2:abe1:q4:ping1:t2:aa1:y1:qe", KrpcBodyFault.BadId)]
    [InlineData("d1:ad2:idi20ee1:q4:ping1:t2:aa1:y1:qe", KrpcBodyFault.BadId)]
    [InlineData("d1:t2:aa1:y1:re", KrpcBodyFault.BadBody)]
    [InlineData("d1:rde1:t2:aa1:y1:re", KrpcBodyFault.BadId)]
    [InlineData("d1:t2:aa1:y1:ee", KrpcBodyFault.BadBody)]
    [InlineData("d1:e5:error1:t2:aa1:y1:ee", KrpcBodyFault.BadBody)]
    [InlineData("d1:ele1:t2:aa1:y1:ee", KrpcBodyFault.BadBody)]
    [InlineData("d1:el5:errori201ee1:t2:aa1:y1:ee", KrpcBodyFault.BadBody)]
    [InlineData("d1:eli201ee1:t2:aa1:y1:ee", KrpcBodyFault.BadBody)]
    [InlineData("d1:eli201ei202ee1:t2:aa1:y1:ee", KrpcBodyFault.BadBody)]
    [InlineData("d1:ede1:t2:aa1:y1:ee", KrpcBodyFault.BadBody)]
    public void ABrokenBody_LeavesAnEnvelopeToAnswerTo(string datagram, KrpcBodyFault fault)
    {
        Assert.Equal(KrpcFault.None, KrpcProbe.ParseAndRead(Bytes(datagram)));
        KrpcMessage.Parse(Bytes(datagram), out KrpcMessage message);
        Assert.Equal(fault, message.BodyFault);
        Assert.Equal("aa", Text(message.TransactionId));
        if (fault is KrpcBodyFault.BadId)
        {
            Assert.False(message.HasId);
        }
    }

    [Theory]
    [InlineData("d1:rd2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe")]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:t2:aa1:y1:re")]
    public void TheBodyOfTheOtherKind_IsNoBody(string datagram)
    {
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(Bytes(datagram), out KrpcMessage message));
        Assert.Equal(KrpcBodyFault.BadBody, message.BodyFault);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(255)]
    public void ATransactionIdOfOneTo255Bytes_IsKept(int length)
    {
        string t = Fill(length, 5);
        byte[] datagram = Bytes($"d1:ad2:id20:{IdA}e1:q4:ping1:t{Str(t)}1:y1:qe");
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(datagram, out KrpcMessage message));
        Assert.Equal(t, Text(message.TransactionId));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(256)]
    [InlineData(1000)]
    public void ATransactionIdOfAnotherLength_IsRefused(int length) =>
        Assert.Equal(
            KrpcFault.BadTransactionId, KrpcProbe.ParseAndRead(Bytes($"d1:q4:ping1:t{Str(Fill(length))}1:y1:qe")));

    [Fact]
    public void ADatagramLongerThanUdpCarries_IsRefused()
    {
        byte[] longest = new byte[ushort.MaxValue];
        Query("ping").CopyTo(longest, 0);
        Assert.Equal(KrpcFault.None, KrpcProbe.ParseAndRead(longest));
        Assert.Equal(KrpcFault.TooLong, KrpcProbe.ParseAndRead([.. longest, 0]));
    }

    [Fact]
    public void TheLongestStringThatFits_IsReadToItsEnd()
    {
        string head = $"d1:rd2:id20:{IdB}5:token";
        const string tail = "e1:t2:aa1:y1:re";
        int room = ushort.MaxValue - head.Length - tail.Length - "65535:".Length;
        byte[] datagram = Bytes(head + Str(Fill(room)) + tail);
        Assert.Equal(ushort.MaxValue, datagram.Length);
        Assert.Equal(KrpcFault.None, KrpcProbe.ParseAndRead(datagram));
        KrpcMessage.Parse(datagram, out KrpcMessage message);
        Assert.Equal(room, message.Token.Length);
    }

    [Theory]
    [InlineData(62, KrpcFault.None)]
    [InlineData(63, KrpcFault.None)]
    [InlineData(64, KrpcFault.BadBencode)]
    [InlineData(20_000, KrpcFault.BadBencode)]
    public void Nesting_HasABound(int lists, KrpcFault fault)
    {
        string nested = new string('l', lists) + new string('e', lists);
        Assert.Equal(fault, KrpcProbe.ParseAndRead(Bytes($"d1:t2:aa1:y1:q1:z{nested}e")));
        Assert.NotEqual(KrpcFault.None, KrpcProbe.ParseAndRead(Bytes(new string('l', lists))));
        Assert.NotEqual(KrpcFault.None, KrpcProbe.ParseAndRead(Bytes("d1:a" + new string('l', lists))));
    }

    [Theory]
    [InlineData("2147483648", int.MaxValue)]
    [InlineData("-9223372036854775808", int.MinValue)]
    [InlineData("203", 203)]
    [InlineData("-1", -1)]
    public void AnErrorCode_IsClamped(string digits, int code)
    {
        Assert.Equal(
            KrpcFault.None, KrpcMessage.Parse(Bytes($"d1:eli{digits}e1:xe1:t2:aa1:y1:ee"), out KrpcMessage message));
        Assert.Equal(code, message.ErrorCode);
    }
}
