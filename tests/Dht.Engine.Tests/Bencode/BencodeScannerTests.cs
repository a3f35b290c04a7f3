using System.Text;
using Dht.Engine.Bencode;

namespace Dht.Engine.Tests.Bencode;

public sealed class BencodeScannerTests
{
    [Theory]
    [InlineData("0:", 2, 0)]
    [InlineData("0:x", 2, 0)]
    [InlineData("1:a", 2, 1)]
    [InlineData("9:abcdefghi", 2, 9)]
    [InlineData("10:abcdefghij", 3, 10)]
    [InlineData("3:abcdef", 2, 3)]
    public void ScanString_finds_the_content(string data, int expectedStart, int expectedLength)
    {
        byte[] bytes = Encoding.Latin1.GetBytes("##" + data);
        int position = 2;

        Assert.Equal(BencodeError.None, BencodeScanner.ScanString(bytes, ref position, out int start, out int length));
        Assert.Equal(
            (expectedStart + 2, expectedLength, expectedStart + 2 + expectedLength), (start, length, position));
    }

    [Theory]
    [InlineData("", BencodeError.UnexpectedEnd)]
    [InlineData("1", BencodeError.UnexpectedEnd)]
    [InlineData("1:", BencodeError.UnexpectedEnd)]
    [InlineData("99:", BencodeError.UnexpectedEnd)]
    [InlineData(":", BencodeError.UnexpectedByte)]
    [InlineData("i1e", BencodeError.UnexpectedByte)]
    [InlineData("1a:", BencodeError.UnexpectedByte)]
    [InlineData("01:a", BencodeError.InvalidLength)]
    [InlineData("99999999999999999999:", BencodeError.InvalidLength)]
    public void ScanString_refuses_and_stays(string data, BencodeError expected)
    {
        int position = 0;

        Assert.Equal(expected, BencodeScanner.ScanString(Encoding.Latin1.GetBytes(data), ref position, out _, out _));
        Assert.Equal(0, position);
    }

    [Fact]
    public void ScanInteger_reads_back_what_the_writer_wrote()
    {
        Span<byte> buffer = stackalloc byte[22];
        for (int shift = 0; shift < 64; shift++)
        {
            long[] values =
                [1L << shift, (1L << shift) - 1, -(1L << shift), ~(1L << shift), long.MinValue >> shift];
            foreach (long value in values)
            {
                BencodeWriter writer = new(buffer);
                writer.WriteInteger(value);
                int position = 0;

                Assert.Equal(
                    BencodeError.None, BencodeScanner.ScanInteger(writer.Written, ref position, out long read));
                Assert.Equal((value, writer.Length), (read, position));
            }
        }
    }

    [Theory]
    [InlineData("i922337203685477580", 7, true)]
    [InlineData("i-922337203685477580", 8, true)]
    [InlineData("i1922337203685477580", 0, false)]
    public void ScanInteger_knows_the_limits_to_the_digit(string digits, int lastDigitMax, bool fits)
    {
        for (int last = 0; last <= 9; last++)
        {
            int position = 0;
            BencodeError error = BencodeScanner.ScanInteger(
                Encoding.Latin1.GetBytes($"{digits}{last}e"), ref position, out long value);

            bool expected = fits && last <= lastDigitMax;
            Assert.Equal(expected ? BencodeError.None : BencodeError.IntegerOverflow, error);
            Assert.Equal(
                expected ? $"{digits[1..]}{last}" : "0",
                value.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(expected ? digits.Length + 2 : 0, position);
        }
    }

    [Theory]
    [InlineData("i1e", 3)]
    [InlineData("3:abcx", 5)]
    [InlineData("lelele", 2)]
    [InlineData("d1:ali1eee#", 10)]
    public void SkipValue_steps_over_one_value(string data, int expected)
    {
        int position = 0;

        Assert.Equal(BencodeError.None, BencodeScanner.SkipValue(Encoding.Latin1.GetBytes(data), ref position, 0));
        Assert.Equal(expected, position);
    }

    [Theory]
    [InlineData("", BencodeError.UnexpectedEnd)]
    [InlineData("e", BencodeError.UnexpectedByte)]
    [InlineData("l", BencodeError.UnexpectedEnd)]
    [InlineData("d1:ae", BencodeError.MissingValue)]
    [InlineData("di1ei1ee", BencodeError.KeyNotString)]
    [InlineData("dxe", BencodeError.UnexpectedByte)]
    [InlineData("l01:ae", BencodeError.InvalidLength)]
    public void SkipValue_refuses_and_stays(string data, BencodeError expected)
    {
        int position = 0;

        Assert.Equal(expected, BencodeScanner.SkipValue(Encoding.Latin1.GetBytes(data), ref position, 0));
        Assert.Equal(0, position);
    }

    [Fact]
    public void SkipValue_counts_the_levels_around_the_value()
    {
        for (int depth = 0; depth <= 64; depth++)
        {
            int position = 0;
            Assert.Equal(BencodeError.None, BencodeScanner.SkipValue(Nest(64 - depth), ref position, depth));

            position = 0;
            Assert.Equal(BencodeError.TooDeep, BencodeScanner.SkipValue(Nest(65 - depth), ref position, depth));
        }
    }

    private static byte[] Nest(int levels) =>
        levels == 0 ? [.. "i1e"u8] : Encoding.Latin1.GetBytes(new string('l', levels) + new string('e', levels));
}
