using Dht.Engine.Randomness;
using Dht.Engine.Testing.Simulation;

namespace Dht.Engine.Tests.Testing.Simulation;

public sealed class PortableMathTests
{
    [Fact]
    public void LogAndExp_AreThoseOfTheFramework_ToFourteenPlaces()
    {
        var random = new SeededRandomSource(1);
        for (int i = 0; i < 10_000; i++)
        {
            double power = 40 * (PortableMath.Uniform(random.NextUInt64()) - 0.5);
            double value = Math.Exp(power);
            Assert.True(Math.Abs((PortableMath.Exp(power) / value) - 1) < 1e-14, $"exp {power}");
            Assert.True(
                Math.Abs(PortableMath.Log(value) - power) < 1e-14 * Math.Max(1, Math.Abs(power)), $"log {value}");
        }

        Assert.Equal(0, PortableMath.Log(1));
        Assert.Equal(1, PortableMath.Exp(0));
    }

    [Fact]
    public void NormalDeviates_HaveMeanZeroAndVarianceOne()
    {
        const int Count = 100_000;
        double sum = 0;
        double squares = 0;
        int beyondTwo = 0;
        for (ulong i = 0; i < Count; i++)
        {
            double normal = PortableMath.Normal(SeededRandomSource.Mix(i));
            sum += normal;
            squares += normal * normal;
            beyondTwo += Math.Abs(normal) > 2 ? 1 : 0;
        }

        Assert.InRange(sum / Count, -0.01, 0.01);
        Assert.InRange(squares / Count, 0.98, 1.02);
        Assert.InRange(beyondTwo / (double)Count, 0.0435, 0.0475);
    }

    /// <summary>The bits themselves: a run of one seed is to be the same on every machine.</summary>
    [Fact]
    public void TheBits_AreTheSameEverywhere()
    {
        ulong digest = 0;
        for (ulong i = 0; i < 1000; i++)
        {
            double value = PortableMath.Exp(PortableMath.Normal(SeededRandomSource.Mix(i)) * 0.7);
            digest = SeededRandomSource.Mix(digest ^ BitConverter.DoubleToUInt64Bits(value));
        }

        Assert.Equal("954f153cdf5353ab", digest.ToString("x16"));
    }
}
