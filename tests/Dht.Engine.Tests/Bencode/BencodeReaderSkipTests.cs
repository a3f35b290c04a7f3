using System.Text;
using Dht.Engine.Bencode;

namespace Dht.Engine.Tests.Bencode;

public sealed class BencodeReaderSkipTests
{
    [Theory]
    [InlineData("i12e", BencodeToken.Integer)]
    [InlineData("3:abc", BencodeToken.String)]
    [InlineData("li1el2:aaee", BencodeToken.ListEnd)]
    [InlineData("d1:ai1e1:bd1:c1:dee", BencodeToken.DictionaryEnd)]
    public void Skips_the_value_of_a_key(string value, BencodeToken expected)
    {
        byte[] data = Encoding.Latin1.GetBytes($"d1:k{value}1:zi7ee");
        foreach (BencodeMode mode in Enum.GetValues<BencodeMode>())
        {
            BencodeReader reader = new(data, mode);
            Assert.True(reader.Read() && reader.Read());

            Assert.True(reader.Skip(out ReadOnlySpan<byte> encoded));
            Assert.Equal(value, Encoding.Latin1.GetString(encoded));
            Assert.Equal(expected, reader.Token);
            Assert.Equal(1, reader.Depth);
            Assert.True(reader.Read());
            Assert.Equal("z", Encoding.Latin1.GetString(reader.Value));
        }
    }

    [Theory]
    [InlineData(BencodeMode.Lenient)]
    [InlineData(BencodeMode.Strict)]
    public void Skips_the_container_it_stands_on(BencodeMode mode)
    {
        BencodeReader reader = new("lli1ei2eed1:ai1eee"u8, mode);
        Assert.True(reader.Read() && reader.Read());
        Assert.True(reader.Skip(out ReadOnlySpan<byte> list));
        Assert.Equal("li1ei2ee", Encoding.Latin1.GetString(list));
        Assert.Equal(BencodeToken.ListEnd, reader.Token);

        Assert.True(reader.Read());
        Assert.True(reader.Skip(out ReadOnlySpan<byte> dictionary));
        Assert.Equal("d1:ai1ee", Encoding.Latin1.GetString(dictionary));
        Assert.Equal(BencodeToken.DictionaryEnd, reader.Token);

        Assert.True(reader.Read());
        Assert.False(reader.Read());
        Assert.True(reader.IsComplete);
    }

    [Fact]
    public void Skips_the_whole_value_before_the_first_token()
    {
        BencodeReader reader = new("d1:ai1eetail"u8, BencodeMode.Lenient);

        Assert.True(reader.Skip(out ReadOnlySpan<byte> encoded));
        Assert.Equal("d1:ai1ee", Encoding.Latin1.GetString(encoded));
        Assert.True(reader.IsComplete);
        Assert.Equal(4, reader.TrailingLength);
    }

    [Fact]
    public void Standing_on_a_scalar_takes_that_and_standing_on_an_end_takes_nothing()
    {
        BencodeReader reader = new("li1ee"u8, BencodeMode.Strict);
        Assert.True(reader.Read() && reader.Read());

        Assert.True(reader.Skip(out ReadOnlySpan<byte> encoded));
        Assert.Equal("i1e", Encoding.Latin1.GetString(encoded));
        Assert.Equal(4, reader.Position);

        Assert.True(reader.Read());
        Assert.True(reader.Skip(out encoded));
        Assert.True(encoded.IsEmpty);
        Assert.Equal(5, reader.Position);
    }

    [Theory]
    [InlineData("d1:ae", BencodeError.MissingValue, 4)]
    [InlineData("d1:a", BencodeError.UnexpectedEnd, 4)]
    [InlineData("d1:ali1ei01eee", BencodeError.InvalidInteger, 8)]
    public void Refuses_a_broken_value_and_says_where(string data, BencodeError error, int position)
    {
        foreach (BencodeMode mode in Enum.GetValues<BencodeMode>())
        {
            BencodeReader reader = new(Encoding.Latin1.GetBytes(data), mode);
            Assert.True(reader.Read() && reader.Read());

            Assert.False(reader.Skip(out ReadOnlySpan<byte> encoded));
            Assert.True(encoded.IsEmpty);
            Assert.Equal((error, position), (reader.Error, reader.Position));
        }
    }

    [Fact]
    public void Strict_sees_the_order_of_keys_in_what_it_skips()
    {
        BencodeReader reader = new("d1:ad1:bi1e1:ai2eee"u8, BencodeMode.Strict);
        Assert.True(reader.Read() && reader.Read());

        Assert.False(reader.Skip());
        Assert.Equal((BencodeError.UnsortedKey, 11), (reader.Error, reader.Position));
    }

    [Fact]
    public void Counts_the_levels_around_what_it_skips()
    {
        byte[] inner =
        [
            .. "d1:k"u8, .. Encoding.Latin1.GetBytes(new string('l', 63)),
            .. Encoding.Latin1.GetBytes(new string('e', 64)),
        ];
        Assert.True(TrySkipUnderKey(inner));

        byte[] outer =
        [
            .. "d1:k"u8, .. Encoding.Latin1.GetBytes(new string('l', 64)),
            .. Encoding.Latin1.GetBytes(new string('e', 65)),
        ];
        Assert.False(TrySkipUnderKey(outer));
    }

    [Theory]
    [InlineData(BencodeMode.Lenient)]
    [InlineData(BencodeMode.Strict)]
    public void Allocates_nothing(BencodeMode mode)
    {
        byte[] data = [.. "d1:ad2:id20:abcdefghij0123456789e1:q9:find_nodee"u8];
        long before = 0;
        bool all = true;
        for (int i = 0; i < 2_000; i++)
        {
            before = i == 1_000 ? GC.GetAllocatedBytesForCurrentThread() : before;
            BencodeReader reader = new(data, mode);
            all &= reader.Skip();
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(all);
        Assert.Equal(0, allocated);
    }

    private static bool TrySkipUnderKey(byte[] data)
    {
        BencodeReader reader = new(data, BencodeMode.Lenient);
        return reader.Read() && reader.Read() && reader.Skip() && reader.Token == BencodeToken.ListEnd;
    }
}
