using System.Text;
using Dht.Engine.Bencode;

namespace Dht.Engine.Tests.Bencode;

public sealed class BencodeBuilderTests
{
    [Fact]
    public void Sorts_keys_by_their_raw_bytes()
    {
        BencodeBuilder builder = new() { { "b", 1 }, { "aa", 2 }, { "a", 3 }, { "", 4 } };
        builder[new byte[] { 0xFF }.AsSpan()] = 5;
        builder["\u00e9"] = 6;

        byte[] expected = [.. "d0:i4e1:ai3e2:aai2e1:bi1e2:"u8, 0xC3, 0xA9, .. "i6e1:"u8, 0xFF, .. "i5ee"u8];
        Assert.Equal(expected, builder.ToValue().ToBytes());
        Assert.Equal(6, builder.Count);
    }

    [Fact]
    public void Add_refuses_a_key_that_is_there_and_the_indexer_replaces()
    {
        BencodeBuilder builder = new() { { "a", 1 } };

        Assert.Throws<ArgumentException>(() => builder.Add("a", 2));
        Assert.Throws<ArgumentException>(() => builder.Add("a"u8, 2));
        builder["a"u8] = 3;
        Assert.Equal(3, builder["a"].GetInteger());
        Assert.Throws<KeyNotFoundException>(() => builder["b"]);
        Assert.Throws<ArgumentNullException>(() => builder["b"] = null!);
        Assert.Throws<ArgumentNullException>(() => builder.Add("b", null!));
    }

    [Fact]
    public void Edits_a_document_without_changing_it()
    {
        BencodeValue original = new BencodeBuilder { ["keep"] = 1, ["drop"] = 2 };
        BencodeBuilder builder = new(original) { ["new"] = 3 };

        Assert.True(builder.Remove("drop"));
        Assert.False(builder.Remove("drop"u8));
        Assert.Equal("d4:keepi1e3:newi3ee", Encoding.Latin1.GetString(builder.ToValue().ToBytes()));
        Assert.Equal("d4:dropi2e4:keepi1ee", Encoding.Latin1.GetString(original.ToBytes()));
    }

    [Fact]
    public void Goes_on_after_a_value_was_taken()
    {
        BencodeBuilder builder = new() { ["a"] = 1 };
        BencodeValue first = builder;
        builder["b"] = 2;

        Assert.Equal(1, first.Count);
        Assert.Equal(2, builder.ToValue().Count);
        Assert.Equal(["a", "b"], builder.Select(static entry => Encoding.Latin1.GetString(entry.Key.Span)));
    }

    [Fact]
    public void Refuses_to_start_from_anything_but_a_dictionary() =>
        Assert.Throws<ArgumentException>(static () => new BencodeBuilder((BencodeValue)1));
}
