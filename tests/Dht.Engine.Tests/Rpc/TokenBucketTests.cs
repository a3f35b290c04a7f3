using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Rpc;

public sealed class TokenBucketTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 4)]
    [InlineData(20, 60)]
    [InlineData(1000, 50)]
    [InlineData(33_333, 100)]
    public void RateAndBurst_AreWhatWasAskedFor(double perSecond, int burst)
    {
        var bucket = new TokenBucket(perSecond, burst);
        var now = new Instant(123_456_789);
        int atOnce = 0;
        while (bucket.TryTake(now))
        {
            atOnce++;
        }

        Assert.Equal(burst, atOnce);
        int taken = 0;
        const int seconds = 100;
        for (int step = 0; step < seconds * 10_000; step++)
        {
            now += TimeSpan.FromTicks(1000);
            taken += bucket.TryTake(now) ? 1 : 0;
        }

        double possible = Math.Min(perSecond, 10_000) * seconds;
        Assert.InRange(taken, possible - burst - 1, possible + 1);
    }

    [Fact]
    public void Silence_SavesUpNoMoreThanTheBurst()
    {
        var bucket = new TokenBucket(10, 3);
        Instant now = Instant.Zero + TimeSpan.FromDays(1000);
        Assert.Equal(3, TakeAll(ref bucket, now));
        Assert.Equal(3, TakeAll(ref bucket, now + TimeSpan.FromDays(1)));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    [InlineData(-3.0)]
    public void ABurstBelowOne_IsOne(double burst)
    {
        var bucket = new TokenBucket(1, burst);
        Instant now = Instant.Zero + TimeSpan.FromDays(1);
        Assert.Equal(1, TakeAll(ref bucket, now));
        Assert.Equal(now + TimeSpan.FromSeconds(1), bucket.NextOpen(now));
        now += TimeSpan.FromDays(1);
        Assert.Equal(1, TakeAll(ref bucket, now));
        Assert.Equal(now + TimeSpan.FromSeconds(1), bucket.NextOpen(now));
    }

    [Fact]
    public void AClockThatGoesBack_NeitherThrowsNorGivesMoreThanABurst()
    {
        var bucket = new TokenBucket(10, 3);
        Instant now = Instant.Zero + TimeSpan.FromDays(1);
        TakeAll(ref bucket, now);
        now -= TimeSpan.FromHours(1);
        Assert.Equal(0, TakeAll(ref bucket, now));
        Assert.Equal(1, TakeAll(ref bucket, now + TimeSpan.FromMilliseconds(101)));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.PositiveInfinity)]
    public void WithoutALimit_ItIsAlwaysOpen(double perSecond)
    {
        var bucket = new TokenBucket(perSecond, 1);
        Assert.True(bucket.IsUnlimited);
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(bucket.TryTake(Instant.Zero));
        }

        Assert.Equal(new Instant(5), bucket.NextOpen(new Instant(5)));
    }

    [Fact]
    public void TheNextOpening_IsWhenATokenIsThere()
    {
        const ulong seed = 5;
        var random = new SeededRandomSource(seed);
        for (int round = 0; round < 2_000; round++)
        {
            double rate = 0.01 + (random.Next(1_000_000) / 37.0);
            var bucket = new TokenBucket(rate, 1 + random.Next(5));
            var now = new Instant(random.Next(int.MaxValue) * 1000L);
            TakeAll(ref bucket, now);
            Instant next = bucket.NextOpen(now);
            Assert.True(next > now, $"seed {seed}, round {round}");
            Assert.InRange((bucket.NextOpen(now + ((next - now) / 2)) - next).Ticks, -1, 1);
            Assert.True(bucket.IsOpen(next), $"seed {seed}, round {round}: rate {rate} is closed at its next opening");
        }
    }

    [Fact]
    public void Use_AllocatesNothing() => Assert.Equal(0, AllocationGuard.OnThread(0, static _ =>
    {
        var bucket = new TokenBucket(1000, 10);
        for (int i = 0; i < 1000; i++)
        {
            bucket.TryTake(new Instant(i * 1000));
            bucket.NextOpen(new Instant(i * 1000));
        }
    }));

    private static int TakeAll(ref TokenBucket bucket, Instant now)
    {
        int taken = 0;
        while (bucket.TryTake(now))
        {
            taken++;
        }

        return taken;
    }
}
