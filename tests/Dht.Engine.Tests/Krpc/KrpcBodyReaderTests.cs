using Dht.Engine.Bencode;
using Dht.Engine.Krpc;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Krpc;

public sealed class KrpcBodyReaderTests
{
    private static readonly byte[] Sample = Bytes($"d1:zi7e1:al1:xe2:id20:{IdA}4:name3:ann1:zi9e3:sub" + "d1:k1:vee");

    [Fact]
    public void Entries_AreFoundByKeyInAnyOrder_TheFirstOfEquals()
    {
        var body = new KrpcBodyReader(Sample);
        Assert.True(body.TryGetInteger("z"u8, out long number));
        Assert.Equal(7, number);
        Assert.True(body.TryGetString("name"u8, out ReadOnlySpan<byte> name));
        Assert.Equal("ann", Text(name));
        Assert.True(body.TryGetText("name"u8, out string text));
        Assert.Equal("ann", text);
        Assert.True(body.TryGetId("id"u8, out var id));
        Assert.Equal(new Dht.Engine.Identity.NodeId(Bytes(IdA)), id);
        Assert.True(body.TryGetEncoded("sub"u8, out ReadOnlySpan<byte> sub));
        Assert.Equal("d1:k1:ve", Text(sub));
        Assert.True(body.Encoded.SequenceEqual(Sample));
    }

    [Fact]
    public void OtherKindsAndOtherKeys_AreAbsent()
    {
        var body = new KrpcBodyReader(Sample);
        Assert.False(body.TryGetInteger("name"u8, out long number));
        Assert.Equal(0, number);
        Assert.False(body.TryGetString("z"u8, out ReadOnlySpan<byte> value));
        Assert.True(value.IsEmpty);
        Assert.False(body.TryGetString("a"u8, out _));
        Assert.False(body.TryGetText("sub"u8, out string text));
        Assert.Empty(text);
        Assert.False(body.TryGetId("name"u8, out _));
        Assert.False(body.TryGetEncoded("k"u8, out _));
        Assert.False(body.TryGetEncoded(""u8, out _));
        Assert.False(body.TryGetEncoded("nam"u8, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("de")]
    [InlineData("l1:ai1ee")]
    [InlineData("i1e")]
    [InlineData("1:a")]
    [InlineData("d1:a")]
    [InlineData("d1:ae")]
    [InlineData("di1ei2ee")]
    [InlineData("d9999999999:ai1ee")]
    [InlineData("d1:b99:1:ai1ee")]
    public void WhatIsNoDictionary_IsEmpty(string text)
    {
        var body = new KrpcBodyReader(Bytes(text));
        Assert.False(body.TryGetInteger("a"u8, out _));
        Assert.False(body.TryGetString("a"u8, out _));
        Assert.False(body.TryGetEncoded("a"u8, out _));
        Assert.False(default(KrpcBodyReader).TryGetEncoded("a"u8, out _));
    }

    [Fact]
    public void RandomAndBrokenBodies_ReadAsADocumentDoes()
    {
        int sound = 0;
        for (int seed = 0; seed < 4_000; seed++)
        {
            var random = new Random(seed);
            BencodeBuilder entries = [];
            for (int i = random.Next(6); i > 0; i--)
            {
                entries[KeyOf(random).AsSpan()] = Bencode.RandomDocuments.Create(random.Next());
            }

            byte[] bytes = entries.ToValue().ToBytes();
            for (int i = random.Next(3); i > 0 && bytes.Length > 1; i--)
            {
                bytes[random.Next(1, bytes.Length)] = "dlie:019-"u8[random.Next(9)];
            }

            bool isSound = BencodeValue.TryParse(bytes, BencodeMode.Lenient, out BencodeValue? document)
                && document.Kind == BencodeKind.Dictionary;
            sound += isSound ? 1 : 0;
            for (int i = 0; i < 20; i++)
            {
                Check(bytes, KeyOf(random), isSound ? document : null, seed);
            }
        }

        Assert.InRange(sound, 1_000, 3_500);
    }

    [Fact]
    public void Reading_AllocatesNothing() => AllocationGuard.AssertNone(Sample, static bytes =>
    {
        var body = new KrpcBodyReader(bytes);
        for (int i = 0; i < 100; i++)
        {
            body.TryGetInteger("z"u8, out _);
            body.TryGetString("name"u8, out _);
            body.TryGetId("id"u8, out _);
            body.TryGetEncoded("sub"u8, out _);
            body.TryGetEncoded("none"u8, out _);
        }
    });

    private static byte[] KeyOf(Random random)
    {
        byte[] key = new byte[random.Next(3)];
        for (int i = 0; i < key.Length; i++)
        {
            key[i] = "ab1:"u8[random.Next(4)];
        }

        return key;
    }

    private static void Check(byte[] bytes, byte[] key, BencodeValue? document, int seed)
    {
        var body = new KrpcBodyReader(bytes);
        bool isThere = body.TryGetEncoded(key, out ReadOnlySpan<byte> encoded);
        bool isNumber = body.TryGetInteger(key, out long number);
        bool isString = body.TryGetString(key, out ReadOnlySpan<byte> text);
        string where = $"seed {seed}, key '{Text(key)}' in '{Text(bytes)}'";
        Assert.True(encoded.IsEmpty || (bytes.AsSpan().Overlaps(encoded) && isThere), where);
        if (document == null)
        {
            return;
        }

        BencodeValue? value = null;
        bool isKnown = document.TryGetValue(key.AsSpan(), out value);
        Assert.True(isThere == isKnown, where);
        Assert.True(
            isNumber == (value?.Kind == BencodeKind.Integer) && (!isNumber || number == value!.GetInteger()), where);
        Assert.True(
            isString == (value?.Kind == BencodeKind.String)
            && (!isString || text.SequenceEqual(value!.GetBytes().Span)),
            where);
        Assert.True(!isKnown || BencodeValue.Parse(encoded, BencodeMode.Lenient) == value, where);
    }
}
