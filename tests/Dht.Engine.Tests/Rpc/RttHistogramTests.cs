using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Rpc;

public sealed class RttHistogramTests
{
    private static readonly double[] Shares = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1];

    [Theory]
    [InlineData(1, 0.1, 13_000)]
    [InlineData(2, 0.1, 1)]
    [InlineData(3, 20, 400)]
    [InlineData(4, 100, 101)]
    public void Quantiles_AreUpperBoundsWithinAQuarter(int seed, double from, double to)
    {
        var random = new SeededRandomSource((ulong)seed);
        var histogram = new RttHistogram();
        var sorted = new List<double>();
        for (int i = 0; i < 2_000; i++)
        {
            double ms = from * Math.Pow(to / from, random.Next(1_000_000) / 1e6);
            histogram.Add(TimeSpan.FromTicks((long)(ms * TimeSpan.TicksPerMillisecond)));
            sorted.Add(ms);
        }

        sorted.Sort();
        foreach (double share in Shares)
        {
            double exact = sorted[(int)Math.Ceiling(share * sorted.Count) - 1];
            double said = histogram.Quantile(share).TotalMilliseconds;
            Assert.True(
                said >= exact * 0.9999 && said <= exact * 1.2501, $"seed {seed}, share {share}: {said} for {exact}");
        }
    }

    [Fact]
    public void NothingKnown_IsZero()
    {
        var histogram = new RttHistogram();
        Assert.Equal(TimeSpan.Zero, histogram.Quantile(0.5));
        histogram.Add(TimeSpan.FromMilliseconds(10));
        Assert.NotEqual(TimeSpan.Zero, histogram.Quantile(0));
        Assert.NotEqual(TimeSpan.Zero, histogram.Quantile(double.NaN));
        Assert.Equal(histogram.Quantile(1), histogram.Quantile(2));
        Assert.Equal(histogram.Quantile(0), histogram.Quantile(-1));
    }

    [Fact]
    public void TimesBeyondTheEnds_CountAtTheEnds()
    {
        var histogram = new RttHistogram();
        histogram.Add(TimeSpan.FromTicks(-5));
        histogram.Add(TimeSpan.Zero);
        Assert.InRange(histogram.Quantile(1).TotalMilliseconds, 0.1, 0.2);
        histogram.Add(TimeSpan.FromHours(5));
        histogram.Add(TimeSpan.MaxValue);
        Assert.InRange(histogram.Quantile(1).TotalSeconds, 13, 13.5);
    }

    [Fact]
    public void OldTimes_Fade()
    {
        var histogram = new RttHistogram();
        for (int i = 0; i < 100_000; i++)
        {
            histogram.Add(TimeSpan.FromSeconds(5));
            histogram.CheckInvariants();
            Assert.InRange(histogram.Count, 1, 4096);
        }

        for (int i = 0; i < 20_000; i++)
        {
            histogram.Add(TimeSpan.FromMilliseconds(50));
        }

        Assert.InRange(histogram.Quantile(0.95).TotalMilliseconds, 50, 62.5);
    }

    [Fact]
    public void Use_AllocatesNothing() =>
        Assert.Equal(0, AllocationGuard.OnThread(new RttHistogram(), static histogram =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                histogram.Add(TimeSpan.FromTicks(i * 100));
                histogram.Quantile(0.9);
            }
        }));
}
