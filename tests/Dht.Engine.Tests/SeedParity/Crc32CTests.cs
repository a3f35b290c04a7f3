using Dht.Engine.Identity;

namespace Dht.Engine.Tests.SeedParity;

/// <summary>CRC32C: the check value of the Castagnoli polynomial, of the digits 1 to 9, is 0xE3069283.</summary>
public sealed class Crc32CTests
{
    [Fact]
    public void TheCheckValue_IsRight() => Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));
}
