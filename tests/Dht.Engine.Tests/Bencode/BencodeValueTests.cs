using System.Buffers;
using System.Text;
using Dht.Engine.Bencode;

namespace Dht.Engine.Tests.Bencode;

public sealed class BencodeValueTests
{
    private static readonly BencodeValue Torrent = new BencodeBuilder
    {
        ["announce-list"] = [["udp://tracker.example:80"], []],
        ["info"] = new BencodeBuilder
        {
            ["name"] = "a.iso",
            ["length"] = 42,
            ["pieces"] = new byte[] { 0xFF, 0x00 },
        },
    };

    [Fact]
    public void Encodes_canonically()
    {
        byte[] expected =
        [
            .. "d13:announce-listll24:udp://tracker.example:80elee4:infod6:lengthi42e4:name5:a.iso6:pieces2:"u8,
            0xFF, 0x00, .. "ee"u8,
        ];

        Assert.Equal(expected, Torrent.ToBytes());
        Assert.Equal(expected.Length, Torrent.EncodedLength);
        ArrayBufferWriter<byte> output = new();
        output.Write("head"u8);
        Torrent.WriteTo(output);
        Assert.Equal([.. "head"u8, .. expected], output.WrittenSpan.ToArray());
    }

    [Fact]
    public void Writes_inside_of_a_writer_and_overflows_with_it()
    {
        BencodeWriter writer = new(new byte[Torrent.EncodedLength + 2]);
        writer.BeginList();
        Torrent.WriteTo(ref writer);
        writer.End();
        Assert.False(writer.HasOverflowed);

        BencodeWriter small = new(new byte[Torrent.EncodedLength - 1]);
        Torrent.WriteTo(ref small);
        Assert.True(small.HasOverflowed);
    }

    [Fact]
    public void Accessors_give_what_is_there()
    {
        BencodeValue info = Torrent["info"];

        Assert.Equal(42, info["length"u8].GetInteger());
        Assert.Equal("a.iso", info["name"].GetText());
        Assert.Equal(new byte[] { 0xFF, 0x00 }, info["pieces"].GetBytes().ToArray());
        Assert.Equal("udp://tracker.example:80", Torrent["announce-list"][0][0].GetText());
        Assert.Equal((2, 3, 0, 0), (Torrent.Count, info.Count, info["length"].Count, info["name"].Count));
        Assert.True(info.TryGetInteger("length", out long length) && length == 42);
        Assert.True(info.TryGetText("name", out string? name) && name == "a.iso");
        Assert.True(info.TryGetBytes("pieces", out ReadOnlyMemory<byte> pieces) && pieces.Length == 2);
        Assert.True(Torrent.TryGetDictionary("info", out BencodeValue? found) && ReferenceEquals(info, found));
        Assert.True(Torrent.TryGetList("announce-list", out BencodeValue? tiers));
        int items = 0;
        foreach (BencodeValue tier in tiers)
        {
            items += tier.Count;
        }

        Assert.Equal(1, items);
    }

    [Fact]
    public void Try_accessors_refuse_other_kinds_and_missing_keys()
    {
        BencodeValue info = Torrent["info"];

        Assert.False(info.TryGetInteger("name", out long number) || number != 0);
        Assert.False(info.TryGetText("pieces", out _));
        Assert.False(info.TryGetText("length", out _));
        Assert.False(info.TryGetBytes("length", out _));
        Assert.False(info.TryGetList("name", out _));
        Assert.False(Torrent.TryGetDictionary("announce-list", out BencodeValue? list) || list is not null);
        Assert.False(info.TryGetValue("missing", out _));
        Assert.False(info.TryGetValue(""u8, out _));
        Assert.False(info["length"].TryGetValue("length", out _));
        Assert.False(Torrent["announce-list"].TryGetInteger("length", out _));
    }

    [Fact]
    public void Other_accessors_throw_on_misuse()
    {
        BencodeValue info = Torrent["info"];

        Assert.Throws<InvalidOperationException>(() => info.GetInteger());
        Assert.Throws<InvalidOperationException>(() => info.GetBytes());
        Assert.Throws<InvalidOperationException>(() => info["length"].GetText());
        Assert.Throws<InvalidOperationException>(() => info["pieces"].GetText());
        Assert.Throws<InvalidOperationException>(() => info[0]);
        Assert.Throws<InvalidOperationException>(() => info["length"]["x"]);
        Assert.Throws<KeyNotFoundException>(() => info["missing"]);
        Assert.Throws<KeyNotFoundException>(() => info["missing"u8]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Torrent["announce-list"][2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Torrent["announce-list"][-1]);
    }

    [Fact]
    public void Finds_every_key_of_a_large_dictionary()
    {
        BencodeBuilder builder = [];
        for (int i = 0; i < 1_000; i++)
        {
            builder[$"{i * 7919 % 1_000}"] = i * 7919 % 1_000;
        }

        BencodeValue dictionary = builder;
        for (int i = 0; i < 1_000; i++)
        {
            Assert.True(dictionary.TryGetInteger($"{i}", out long value) && value == i);
            Assert.False(dictionary.TryGetValue($"{i}x", out _));
        }
    }

    [Fact]
    public void Equality_is_structural()
    {
        BencodeValue copy = BencodeValue.Parse(Torrent.ToBytes(), BencodeMode.Strict);

        Assert.True(Torrent == copy && Torrent.Equals((object)copy) && Torrent.GetHashCode() == copy.GetHashCode());
        BencodeValue[] different =
        [
            Torrent, 0, 1, -1, "", "0", "1", "i1e", new BencodeBuilder(), (BencodeValue)[], [0], [1], [[0]], ["0"],
        ];
        for (int i = 0; i < different.Length; i++)
        {
            for (int j = 0; j < different.Length; j++)
            {
                Assert.Equal(i == j, different[i] == different[j]);
            }

            Assert.False(different[i] == null || null == different[i] || different[i].Equals((object)"x"));
        }
    }

    [Fact]
    public void Nesting_is_bounded_however_a_value_is_made()
    {
        BencodeValue list = 1;
        BencodeValue dictionary = 1;
        for (int depth = 1; depth <= 64; depth++)
        {
            list = [list];
            dictionary = new BencodeBuilder { ["k"] = dictionary };
        }

        Assert.Equal(list, BencodeValue.Parse(list.ToBytes(), BencodeMode.Strict));
        Assert.Equal(dictionary, BencodeValue.Parse(dictionary.ToBytes(), BencodeMode.Strict));
        Assert.Throws<ArgumentException>(() => BencodeValue.FromList(list));
        Assert.Throws<ArgumentException>(() => new BencodeBuilder { ["k"] = list }.ToValue());
    }

    [Fact]
    public void Conversions_refuse_null_and_broken_text()
    {
        Assert.Throws<ArgumentNullException>(() => (BencodeValue)(string)null!);
        Assert.Throws<ArgumentNullException>(() => (BencodeValue)(byte[])null!);
        Assert.Throws<ArgumentException>(() => BencodeValue.FromList(1, null!));
        Assert.ThrowsAny<ArgumentException>(() => BencodeValue.FromText("\ud800"));
    }

    [Fact]
    public void Made_from_bytes_it_does_not_change_with_them()
    {
        byte[] bytes = [.. "abc"u8];
        BencodeValue value = bytes;
        bytes[0] = (byte)'x';

        Assert.Equal("abc", Encoding.Latin1.GetString(value.GetBytes().Span));
    }
}
