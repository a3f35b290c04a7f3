using System.Globalization;
using System.Text;
using Dht.Engine.Bencode;

namespace Dht.Engine.Tests.Bencode;

public sealed class BencodeWriterTests
{
    private const string Sample = "d2:idli-42e1:ll0:12:abcdefghijkl3:raweee";

    [Fact]
    public void Writes_all_kinds()
    {
        BencodeWriter writer = new(new byte[100]);
        WriteSample(ref writer);

        Assert.Equal(Sample, Encoding.Latin1.GetString(writer.Written));
        Assert.Equal(Sample.Length, writer.Length);
        Assert.False(writer.HasOverflowed);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(10L)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Writes_integers(long value)
    {
        string expected = $"i{value.ToString(CultureInfo.InvariantCulture)}e";
        BencodeWriter writer = new(new byte[expected.Length]);
        writer.WriteInteger(value);

        Assert.False(writer.HasOverflowed);
        Assert.Equal(expected, Encoding.Latin1.GetString(writer.Written));
    }

    [Fact]
    public void Overflow_is_sticky_at_every_size_of_the_destination()
    {
        for (int size = 0; size <= Sample.Length + 2; size++)
        {
            // Guards behind the destination show a write beyond it.
            byte[] buffer = new byte[size + 32];
            buffer.AsSpan(size).Fill(0xEE);
            BencodeWriter writer = new(buffer.AsSpan(0, size));
            WriteSample(ref writer);

            Assert.Equal(size < Sample.Length, writer.HasOverflowed);
            Assert.StartsWith(Encoding.Latin1.GetString(writer.Written), Sample, StringComparison.Ordinal);
            Assert.True(writer.Length <= size);
            Assert.Equal(-1, buffer.AsSpan(size).IndexOfAnyExcept((byte)0xEE));
        }
    }

    [Fact]
    public void Nothing_more_is_written_after_an_overflow_even_if_it_would_fit()
    {
        BencodeWriter writer = new(new byte[4]);
        writer.BeginList();
        writer.WriteString("too long"u8);
        Assert.True(writer.HasOverflowed);
        Assert.Equal(1, writer.Length);

        writer.End();
        writer.BeginDictionary();
        writer.WriteInteger(1);
        writer.WriteString(""u8);
        writer.WriteRaw("x"u8);
        writer.WriteRaw(""u8);
        Assert.True(writer.ReserveString(0).IsEmpty);
        Assert.True(writer.HasOverflowed);
        Assert.Equal("l", Encoding.Latin1.GetString(writer.Written));
    }

    [Fact]
    public void ReserveString_writes_the_head_and_leaves_the_content_to_the_caller()
    {
        foreach (int length in new[] { 0, 1, 9, 10, 99, 100, 999, 1_000, 9_999, 10_000, 65_507, 1_000_000 })
        {
            string head = $"{length}:";
            foreach (int spare in new[] { 0, 1, 20 })
            {
                byte[] buffer = new byte[head.Length + length + spare];
                BencodeWriter writer = new(buffer);
                Span<byte> content = writer.ReserveString(length);

                Assert.False(writer.HasOverflowed);
                Assert.Equal(length, content.Length);
                content.Fill((byte)'x');
                Assert.Equal(head + new string('x', length), Encoding.Latin1.GetString(writer.Written));
            }

            BencodeWriter small = new(new byte[head.Length + length - 1]);
            Assert.True(small.ReserveString(length).IsEmpty);
            Assert.True(small.HasOverflowed);
            Assert.Equal(0, small.Length);
        }
    }

    [Fact]
    public void ReserveString_takes_the_largest_length_as_an_overflow_and_a_negative_one_as_misuse()
    {
        BencodeWriter writer = new(new byte[16]);
        Assert.True(writer.ReserveString(int.MaxValue).IsEmpty);
        Assert.True(writer.HasOverflowed);

        Assert.Throws<ArgumentOutOfRangeException>(static () =>
        {
            BencodeWriter misused = new(new byte[16]);
            misused.ReserveString(-1);
        });
    }

    [Fact]
    public void A_default_writer_has_no_room()
    {
        BencodeWriter writer = default;
        writer.End();

        Assert.True(writer.HasOverflowed);
        Assert.True(writer.Written.IsEmpty);
    }

    [Fact]
    public void Allocates_nothing()
    {
        byte[] buffer = new byte[100];
        int length = 0;
        long before = 0;
        for (int i = 0; i < 2_000; i++)
        {
            before = i == 1_000 ? GC.GetAllocatedBytesForCurrentThread() : before;
            BencodeWriter writer = new(buffer.AsSpan(0, i % buffer.Length));
            WriteSample(ref writer);
            length += writer.Length;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(length > 0);
        Assert.Equal(0, allocated);
    }

    private static void WriteSample(ref BencodeWriter writer)
    {
        writer.BeginDictionary();
        writer.WriteString("id"u8);
        writer.BeginList();
        writer.WriteInteger(-42);
        writer.WriteString("l"u8);
        writer.BeginList();
        writer.WriteString(""u8);
        Span<byte> content = writer.ReserveString(12);
        if (!writer.HasOverflowed)
        {
            "abcdefghijkl"u8.CopyTo(content);
        }

        writer.WriteRaw("3:raw"u8);
        writer.End();
        writer.End();
        writer.End();
    }
}
