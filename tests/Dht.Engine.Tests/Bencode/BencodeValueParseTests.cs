using System.Text;
using Dht.Engine.Bencode;

namespace Dht.Engine.Tests.Bencode;

public sealed class BencodeValueParseTests
{
    [Fact]
    public void Parses_a_copy_of_the_data()
    {
        byte[] data = [.. "d1:a3:xyze"u8];
        BencodeValue value = BencodeValue.Parse(data, BencodeMode.Strict);
        data.AsSpan().Clear();

        Assert.Equal("xyz", value["a"].GetText());
    }

    [Fact]
    public void Lenient_sorts_the_keys_and_keeps_the_first_of_equal_ones()
    {
        BencodeValue value = BencodeValue.Parse("d1:bi1e1:ai2e1:bi3e0:i4e1:ai5e0:i6e1:ci7ee"u8, BencodeMode.Lenient);

        Assert.Equal("d0:i4e1:ai2e1:bi1e1:ci7ee", Encoding.Latin1.GetString(value.ToBytes()));
    }

    [Fact]
    public void Lenient_says_where_the_value_ends()
    {
        Assert.True(
            BencodeValue.TryParse(
                "d8:msg_typei1eePIECE"u8, BencodeMode.Lenient, out BencodeValue? value, out _, out int end));
        Assert.Equal((15, 15), (end, value.EncodedLength));
    }

    [Fact]
    public void Throws_with_the_reason_and_the_offset()
    {
        BencodeFormatException thrown = Assert.Throws<BencodeFormatException>(
            static () => BencodeValue.Parse("d1:bi1e1:ai2ee"u8, BencodeMode.Strict));

        Assert.Equal((BencodeError.UnsortedKey, 7), (thrown.Error, thrown.Offset));
        Assert.Contains("UnsortedKey", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("byte 7", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Allocates_nothing_for_data_that_is_refused()
    {
        byte[] broken = [.. "d1:al1:b1:c1:dei01ee"u8];
        long before = 0;
        bool any = false;
        for (int i = 0; i < 2_000; i++)
        {
            before = i == 1_000 ? GC.GetAllocatedBytesForCurrentThread() : before;
            any |= BencodeValue.TryParse(broken, BencodeMode.Strict, out _)
                || BencodeValue.TryParse(broken, BencodeMode.Lenient, out _);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.False(any);
        Assert.Equal(0, allocated);
    }
}
