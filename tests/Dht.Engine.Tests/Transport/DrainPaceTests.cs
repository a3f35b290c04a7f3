using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Transport;

public sealed class DrainPaceTests
{
    [Fact]
    public void AQuietSocket_IsSleptOn()
    {
        DrainPace pace = default;
        Assert.Equal(TimeSpan.Zero, pace.Next());
        pace.Add(1);
        Assert.NotEqual(TimeSpan.Zero, pace.Next());
        Assert.Equal(TimeSpan.Zero, pace.Next());
    }

    [Fact]
    public void AtASteadyRate_NapsBringABatchButNoMore()
    {
        foreach (int rate in new[] { 1_000, 10_000, 20_000, 60_000, 150_000, 400_000, 1_000_000 })
        {
            DrainPace pace = default;
            pace.Add(1);
            double owed = 0;
            TimeSpan nap = pace.Next();
            for (int i = 0; i < 1_000 && nap > TimeSpan.Zero; i++)
            {
                owed += rate * nap.TotalSeconds;
                pace.Add((int)owed);
                owed -= (int)owed;
                nap = pace.Next();
            }

            double batch = rate * nap.TotalSeconds;
            Assert.InRange(nap, DrainPace.Shortest, DrainPace.Longest);
            Assert.True(nap == DrainPace.Longest || batch >= DrainPace.Few, $"{rate}/s: naps of {nap}");
            Assert.True(nap == DrainPace.Shortest || batch <= DrainPace.Many, $"{rate}/s: naps of {nap}");
        }
    }

    [Fact]
    public void AfterAFlood_ASingleDatagramBringsBackTheLongNap()
    {
        DrainPace pace = default;
        for (int i = 0; i < 100; i++)
        {
            pace.Add(int.MaxValue / 2);
            pace.Next();
        }

        Assert.Equal(DrainPace.Shortest, NapAfter(ref pace, DrainPace.Many + 1));
        TimeSpan nap = TimeSpan.Zero;
        for (int i = 0; i < 5; i++)
        {
            nap = NapAfter(ref pace, 1);
        }

        Assert.Equal(DrainPace.Longest, nap);
    }

    private static TimeSpan NapAfter(ref DrainPace pace, int datagrams)
    {
        pace.Add(datagrams);
        return pace.Next();
    }
}
