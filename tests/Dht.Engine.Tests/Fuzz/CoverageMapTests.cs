using System.Runtime.Intrinsics;
using Dht.Engine.Fuzz.Coverage;

namespace Dht.Engine.Tests.Fuzz;

public sealed class CoverageMapTests
{
    [Fact]
    public unsafe void Classes_AreThoseOfEachCount()
    {
        byte* counts = stackalloc byte[16];
        for (int count = 0; count < 256; count++)
        {
            for (int i = 0; i < 16; i++)
            {
                counts[i] = (byte)(count + i);
            }

            Vector128<byte> classes = CoverageMap.Classes(counts);
            for (int i = 0; i < 16; i++)
            {
                byte one = (byte)(count + i);
                Assert.True(
                    classes[i] == (one == 0 ? 0 : 1 << CoverageMap.KindOf(one)), $"count {one}: class {classes[i]:x2}");
            }
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    [InlineData(7, 3)]
    [InlineData(8, 4)]
    [InlineData(15, 4)]
    [InlineData(16, 5)]
    [InlineData(31, 5)]
    [InlineData(32, 6)]
    [InlineData(127, 6)]
    [InlineData(128, 7)]
    [InlineData(255, 7)]
    public void ACount_HasItsClass(byte count, int kind) => Assert.Equal(kind, CoverageMap.KindOf(count));
}
