using System.Text;
using Dht.Engine.Bencode;

namespace Dht.Engine.Tests.Bencode;

public sealed class BencodeReaderTests
{
    private static readonly byte[] FindNode =
        [.. "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe"u8];

    [Theory]
    [InlineData("i0e", "0")]
    [InlineData("i-1e", "-1")]
    [InlineData("i9223372036854775807e", "9223372036854775807")]
    [InlineData("i-9223372036854775808e", "-9223372036854775808")]
    [InlineData("0:", "\"\"")]
    [InlineData("4:spam", "\"spam\"")]
    [InlineData("12:abcdefghijkl", "\"abcdefghijkl\"")]
    [InlineData("le", "[ ]")]
    [InlineData("de", "{ }")]
    [InlineData("l4:spami-3elee", "[ \"spam\" -3 [ ] ]")]
    [InlineData("d3:cow3:moo4:spam4:eggse", "{ cow= \"moo\" spam= \"eggs\" }")]
    [InlineData("d0:i1e1:ad1:bl1:ceee", "{ = 1 a= { b= [ \"c\" ] } }")]
    [InlineData("ld1:ai1eed1:ai2eee", "[ { a= 1 } { a= 2 } ]")]
    [InlineData("d1:ad1:zdee1:bi1ee", "{ a= { z= { } } b= 1 }")]
    [InlineData("l10:d1:ai1e1:be", "[ \"d1:ai1e1:b\" ]")]
    public void Reads_every_token_in_both_modes(string data, string expected)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(data);

        Assert.Equal(expected, TokenTrace.Short(bytes, BencodeMode.Strict));
        Assert.Equal(expected, TokenTrace.Short(bytes, BencodeMode.Lenient));
    }

    [Fact]
    public void Reads_strings_of_every_length_of_one_to_four_digits()
    {
        for (int length = 0; length <= 1_100; length++)
        {
            byte[] data = Encoding.Latin1.GetBytes($"{length}:{new string('x', length)}");
            BencodeReader reader = new(data, BencodeMode.Strict);

            Assert.True(reader.Read());
            Assert.Equal(length, reader.Value.Length);
            Assert.False(reader.Read());
            Assert.True(reader.IsComplete);
        }
    }

    [Fact]
    public void Reports_where_each_token_lies_and_how_deep()
    {
        Assert.Equal(
            "DictionaryStart@0-1/1=0, Key@1-4/1=0,61 ListStart@4-5/2=0, Integer@5-9/2=12, String@9-12/2=0,62 "
            + "ListEnd@12-13/1=0, DictionaryEnd@13-14/0=0, None@14",
            TokenTrace.Full("d1:ali12e1:bee"u8, BencodeMode.Strict));
    }

    [Fact]
    public void Stands_nowhere_before_the_first_token()
    {
        BencodeReader reader = new("i1e"u8, BencodeMode.Strict);

        Assert.Equal(BencodeToken.None, reader.Token);
        Assert.Equal(0, reader.Position);
        Assert.False(reader.IsComplete);
        Assert.Equal(0, reader.TrailingLength);
        Assert.True(reader.Value.IsEmpty);
    }

    [Fact]
    public void A_default_reader_is_one_of_no_data()
    {
        BencodeReader reader = default;

        Assert.False(reader.Read());
        Assert.Equal(BencodeError.UnexpectedEnd, reader.Error);
    }

    [Fact]
    public void The_end_is_the_end_however_often_it_is_read()
    {
        BencodeReader reader = new("i7e"u8, BencodeMode.Strict);
        Assert.True(reader.Read());
        for (int i = 0; i < 3; i++)
        {
            Assert.False(reader.Read());
            Assert.False(reader.Skip());
            Assert.Equal(BencodeToken.None, reader.Token);
            Assert.Equal(BencodeError.None, reader.Error);
            Assert.Equal(3, reader.Position);
            Assert.Equal(0, reader.Integer);
            Assert.True(reader.IsComplete);
        }
    }

    [Fact]
    public void An_error_stays()
    {
        BencodeReader reader = new("lxe"u8, BencodeMode.Lenient);
        Assert.True(reader.Read());
        for (int i = 0; i < 3; i++)
        {
            Assert.False(reader.Read());
            Assert.Equal(BencodeError.UnexpectedByte, reader.Error);
            Assert.Equal(1, reader.Position);
            Assert.Equal(BencodeToken.None, reader.Token);
            Assert.False(reader.IsComplete);
        }
    }

    [Fact]
    public void Lenient_counts_the_bytes_behind_the_value()
    {
        BencodeReader reader = new("de4:rest"u8, BencodeMode.Lenient);
        while (reader.Read())
        {
        }

        Assert.True(reader.IsComplete);
        Assert.Equal(BencodeError.None, reader.Error);
        Assert.Equal(2, reader.Position);
        Assert.Equal(6, reader.TrailingLength);
    }

    [Fact]
    public void Strict_refuses_the_bytes_behind_the_value_on_the_read_after_it()
    {
        BencodeReader reader = new("de4:rest"u8, BencodeMode.Strict);
        Assert.True(reader.Read());
        Assert.True(reader.Read());
        Assert.True(reader.IsComplete);
        Assert.Equal(6, reader.TrailingLength);

        Assert.False(reader.Read());
        Assert.Equal(BencodeError.TrailingBytes, reader.Error);
        Assert.Equal(2, reader.Position);
        Assert.False(reader.IsComplete);
    }

    [Fact]
    public void A_copy_reads_on_by_itself()
    {
        BencodeReader reader = new("li1ei2ee"u8, BencodeMode.Strict);
        Assert.True(reader.Read());
        BencodeReader bookmark = reader;
        Assert.True(reader.Read());
        Assert.True(reader.Read());

        Assert.True(bookmark.Read());
        Assert.Equal(1, bookmark.Integer);
        Assert.Equal(2, reader.Integer);
    }

    [Theory]
    [InlineData(BencodeMode.Lenient)]
    [InlineData(BencodeMode.Strict)]
    public void Allocates_nothing(BencodeMode mode)
    {
        byte[] broken = [.. FindNode.AsSpan(0, FindNode.Length - 1)];
        int tokens = 0;
        long before = 0;
        for (int i = 0; i < 2_000; i++)
        {
            before = i == 1_000 ? GC.GetAllocatedBytesForCurrentThread() : before;
            tokens += CountTokens(FindNode, mode) + CountTokens(broken, mode);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(2_000 * 29, tokens);
        Assert.Equal(0, allocated);
    }

    private static int CountTokens(byte[] data, BencodeMode mode)
    {
        BencodeReader reader = new(data, mode);
        int tokens = 0;
        while (reader.Read())
        {
            tokens++;
        }

        return tokens;
    }
}
