using Dht.Engine.Bencode;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Krpc;

public sealed class KrpcDocumentTests
{
    [Fact]
    public void ADictionary_IsSentWithOurIdInsteadOfItsOwn()
    {
        var document = new KrpcDocument(new BencodeBuilder { ["z"] = 1, ["id"] = "somebody else", ["a"] = "x" });
        Assert.Equal($"d1:rd1:a1:x2:id20:{IdA}1:zi1ee1:t2:aa1:y1:re", Send(document));
    }

    [Fact]
    public void WhatWasReceivedOutOfOrder_CanBeSentOn()
    {
        Assert.True(
            KrpcDocument.TryRead(
                new KrpcBodyReader(Bytes($"d1:zi1e1:ai2e1:zi3e2:id20:{IdB}e")), out KrpcDocument document));
        Assert.Equal(Bytes(IdB), document.Value["id"].GetBytes().ToArray());
        Assert.Equal($"d1:rd1:ai2e2:id20:{IdA}1:zi1ee1:t2:aa1:y1:re", Send(document));
    }

    [Theory]
    [InlineData("")]
    [InlineData("le")]
    [InlineData("i1e")]
    [InlineData("d1:ae")]
    public void WhatIsNoDictionary_IsNotRead(string text)
    {
        Assert.False(KrpcDocument.TryRead(new KrpcBodyReader(Bytes(text)), out KrpcDocument document));
        Assert.Null(document);
    }

    [Fact]
    public void WhatIsNoDictionary_IsRefusedAtTheCall()
    {
        Assert.Contains(
            "Integer", Assert.Throws<ArgumentException>(() => new KrpcDocument(7)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => new KrpcDocument(null!));
    }

    private static string Send(KrpcDocument document)
    {
        byte[] room = new byte[1024];
        int length = KrpcReplies.WriteCustom(
            room, new KrpcEnvelope { Id = new NodeId(Bytes(IdA)), TransactionId = "aa"u8 }, document);
        Assert.True(CanonicalWalk.IsCanonical(room.AsSpan(0, length)));
        return Text(room.AsSpan(0, length));
    }
}
