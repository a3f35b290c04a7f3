using System.Text;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Identity;

public sealed class Crc32CTests
{
    [Theory]
    [InlineData("", 0u)]
    [InlineData("123456789", 0xE3069283u)]
    public void KnownSums_AreMet(string text, uint sum) =>
        Assert.Equal(sum, Crc32C.Compute(Encoding.ASCII.GetBytes(text)));

    /// <summary>
    /// Against the definition, bit by bit, at every length up to some words: each way of splitting the input is
    /// taken.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AnyInput_HasTheSumOfTheDefinition(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        for (int length = 0; length < 64; length++)
        {
            byte[] bytes = new byte[length];
            random.Fill(bytes);
            Assert.True(BitByBit(bytes) == Crc32C.Compute(bytes), $"seed {seed}, length {length}");
        }
    }

    [Fact]
    public void Compute_AllocatesNothing() =>
        AllocationGuard.AssertNone(new byte[23], static bytes => Crc32C.Compute(bytes));

    private static uint BitByBit(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0x82F63B78);
            }
        }

        return ~crc;
    }
}
