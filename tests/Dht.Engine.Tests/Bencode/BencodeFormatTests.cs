using System.Globalization;
using Dht.Engine.Bencode;

namespace Dht.Engine.Tests.Bencode;

public sealed class BencodeFormatTests
{
    [Theory]
    [InlineData(0L)]
    [InlineData(9L)]
    [InlineData(10L)]
    [InlineData(-9L)]
    [InlineData(-10L)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Counts_characters(long value) =>
        Assert.Equal(value.ToString(CultureInfo.InvariantCulture).Length, BencodeFormat.CountCharacters(value));

    [Theory]
    [InlineData(0, 2)]
    [InlineData(9, 11)]
    [InlineData(10, 13)]
    [InlineData(int.MaxValue, int.MaxValue + 11L)]
    public void Counts_the_bytes_of_strings(int length, long expected) =>
        Assert.Equal(expected, BencodeFormat.CountStringBytes(length));
}
