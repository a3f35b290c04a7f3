using Dht.Engine.Bencode;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Krpc;

public sealed class KrpcBodyWriterTests
{
    private static readonly NodeId Id = new(Bytes(IdA));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("ic")]
    [InlineData("id\0")]
    [InlineData("ie")]
    [InlineData("z")]
    [InlineData("a,z")]
    [InlineData("a,ib,idx,z")]
    [InlineData("I,i,idd")]
    public void TheId_FindsItsPlace(string keys)
    {
        string[] all = keys.Split(',');
        byte[] message = Query((ref KrpcBodyWriter body) =>
        {
            foreach (string key in all)
            {
                body.WriteInteger(Bytes(key), 1);
            }
        });
        string entries = string.Concat(all.Select(key => (key, value: "i1e")).Append((key: "id", value: Str(IdA)))
            .OrderBy(entry => entry.key, StringComparer.Ordinal).Select(entry => Str(entry.key) + entry.value));
        Assert.Equal($"d1:ad{entries}e1:q5:hello1:t2:aa1:y1:qe", Text(message));
    }

    [Fact]
    public void EveryKindOfValue_IsCanonical()
    {
        byte[] message = Query(static (ref KrpcBodyWriter body) =>
        {
            body.WriteEncoded("a"u8, "li1ei2ee"u8);
            body.WriteId("b"u8, new NodeId(Bytes(IdB)));
            body.WriteInteger("c"u8, long.MinValue);
            body.WriteString("d"u8, []);
            body.WriteText("t"u8, "gr\u00FC\u00DF");
            body.WriteValue("v"u8, new BencodeBuilder { ["y"] = 2, ["x"] = BencodeValue.FromList() });
        });
        Assert.Equal(
            $"d1:ad1:ali1ei2ee1:b20:{IdB}1:ci-9223372036854775808e1:d0:2:id20:{IdA}"
                + "1:t6:gr\u00C3\u00BC\u00C3\u009F1:vd1:xle1:yi2eee1:q5:hello1:t2:aa1:y1:qe",
            Text(message));
        Assert.True(CanonicalWalk.IsCanonical(message));
    }

    [Fact]
    public void RandomBodies_AreWhatABuilderMakes_AndFailWholeWhenTheyDoNotFit()
    {
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            BencodeBuilder entries = [];
            for (int i = random.Next(8); i > 0; i--)
            {
                byte[] key = new byte[random.Next(4)];
                for (int at = 0; at < key.Length; at++)
                {
                    key[at] = "idIeab\0\u00FF"u8[random.Next(8)];
                }

                if (!key.AsSpan().SequenceEqual("id"u8))
                {
                    entries[key.AsSpan()] = Bencode.RandomDocuments.Create(random.Next());
                }
            }

            BencodeValue body = entries.ToValue();
            byte[] room = new byte[60_000];
            int length = KrpcReplies.WriteCustom(room, Envelope(), new KrpcDocument(body));
            entries["id"] = Bytes(IdA);
            byte[] expected = entries.ToValue().ToBytes();
            Assert.True(length > 0, $"seed {seed}");
            Assert.Equal(KrpcFault.None, KrpcMessage.Parse(room.AsSpan(0, length), out KrpcMessage message));
            Assert.True(
                message.Body.SequenceEqual(expected), $"seed {seed}: {Text(message.Body)} is not {Text(expected)}");
            Assert.True(IsStrict(room.AsSpan(0, length)), $"seed {seed}");
            for (int size = 0; size < length; size += 1 + (length / 200))
            {
                Assert.True(
                    KrpcReplies.WriteCustom(room.AsSpan(0, size), Envelope(), new KrpcDocument(body)) == 0,
                    $"seed {seed}, {size} bytes");
            }

            Assert.Equal(length, KrpcReplies.WriteCustom(room.AsSpan(0, length), Envelope(), new KrpcDocument(body)));
        }
    }

    [Theory]
    [InlineData("b", "a")]
    [InlineData("b", "b")]
    [InlineData("ab", "a")]
    [InlineData("z", "ie")]
    [InlineData("", "")]
    [InlineData("a", "id")]
    public void KeysOutOfOrderAndTheId_AreRefusedByName(string first, string second)
    {
        var thrown = Assert.Throws<ArgumentException>(() => Query((ref KrpcBodyWriter body) =>
        {
            body.WriteInteger(Bytes(first), 1);
            body.WriteInteger(Bytes(second), 1);
        }));
        Assert.Contains($"'{second}'", thrown.Message, StringComparison.Ordinal);
        Assert.Equal("key", thrown.ParamName);
    }

    [Fact]
    public void NoValue_IsRefused() =>
        Assert.Throws<ArgumentNullException>(
            () => Query(static (ref KrpcBodyWriter body) => body.WriteValue("a"u8, null!)));

    [Fact]
    public void EncodedBytesThatAreNoValue_AreRefused()
    {
        foreach (string wrong in (string[])["", "i1", "i1ei2e", "5:abc", "e", "1:ae"])
        {
            var thrown = Assert.Throws<ArgumentException>(
                () => Query((ref KrpcBodyWriter body) => body.WriteEncoded("a"u8, Bytes(wrong))));
            Assert.Equal("encoded", thrown.ParamName);
        }
    }

    [Fact]
    public void Writing_AllocatesNothing()
    {
        byte[] room = new byte[1400];
        AllocationGuard.AssertNone(room, static room =>
        {
            for (int i = 0; i < 100; i++)
            {
                KrpcQueries.WriteCustom(
                    room,
                    new KrpcEnvelope { Id = Id, TransactionId = "abcd"u8 },
                    "hello"u8,
                    new Everything { Name = "ann"u8 });
            }
        });
    }

    private static bool IsStrict(ReadOnlySpan<byte> message)
    {
        var reader = new BencodeReader(message, BencodeMode.Strict);
        while (reader.Read())
        {
        }

        return reader.IsComplete && CanonicalWalk.IsCanonical(message);
    }

    private static KrpcEnvelope Envelope() => new() { Id = Id, TransactionId = "aa"u8 };

    private static byte[] Query(ScriptedBody.Writing write)
    {
        byte[] room = new byte[1400];
        int length = KrpcQueries.WriteCustom(room, Envelope(), "hello"u8, new ScriptedBody(write));
        Assert.True(IsStrict(room.AsSpan(0, length)), Text(room.AsSpan(0, length)));
        return room[..length];
    }

    private readonly ref struct Everything : IKrpcBody<Everything>
    {
        public ReadOnlySpan<byte> Name { get; init; }

        public static bool TryRead(KrpcBodyReader body, out Everything value)
        {
            value = default;
            return true;
        }

        public void Write(ref KrpcBodyWriter body)
        {
            body.WriteEncoded("a"u8, "le"u8);
            body.WriteId("b"u8, Id);
            body.WriteInteger("c"u8, -7);
            body.WriteString("name"u8, Name);
            body.WriteText("text"u8, "gr\u00FC\u00DF");
        }
    }
}
