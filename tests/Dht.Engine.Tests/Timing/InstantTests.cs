using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Timing;

public class InstantTests
{
    [Fact]
    public void Arithmetic()
    {
        Instant start = Instant.Zero + TimeSpan.FromSeconds(2);
        Assert.Equal(20_000_000, start.Ticks);
        Assert.Equal(TimeSpan.FromSeconds(2), start - Instant.Zero);
        Assert.Equal(Instant.Zero, start - TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(-2), Instant.Zero - start);
    }

    [Fact]
    public void Order()
    {
        Instant[] ascending = [new(long.MinValue), new(-1), Instant.Zero, new(1), Instant.Never];
        for (int i = 0; i < ascending.Length; i++)
        {
            for (int j = 0; j < ascending.Length; j++)
            {
                Assert.Equal(i < j, ascending[i] < ascending[j]);
                Assert.Equal(i > j, ascending[i] > ascending[j]);
                Assert.Equal(i <= j, ascending[i] <= ascending[j]);
                Assert.Equal(i >= j, ascending[i] >= ascending[j]);
                Assert.Equal(i == j, ascending[i] == ascending[j]);
                Assert.Equal(Math.Sign(i.CompareTo(j)), Math.Sign(ascending[i].CompareTo(ascending[j])));
                Assert.Equal(ascending[Math.Min(i, j)], Instant.Min(ascending[i], ascending[j]));
                Assert.Equal(ascending[Math.Max(i, j)], Instant.Max(ascending[i], ascending[j]));
            }
        }
    }

    [Fact]
    public void NeverStaysNever_WhateverIsAdded()
    {
        Assert.Equal(Instant.Never, Instant.Never + TimeSpan.FromTicks(1));
        Assert.Equal(Instant.Never, Instant.Never + TimeSpan.MaxValue);
        Assert.Equal(Instant.Never, new Instant(1) + TimeSpan.MaxValue);
        Assert.Equal(Instant.Never, Instant.Zero - TimeSpan.MinValue);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Arithmetic_SaturatesLikeTheModel(int seed)
    {
        var random = new Random(seed);
        long[] edges = [long.MinValue, long.MinValue + 1, -1, 0, 1, long.MaxValue - 1, long.MaxValue];
        for (int round = 0; round < 2_000; round++)
        {
            long left = random.Next(3) == 0
                ? edges[random.Next(edges.Length)]
                : random.NextInt64(long.MinValue, long.MaxValue);
            long right = random.Next(3) == 0
                ? edges[random.Next(edges.Length)]
                : random.NextInt64(long.MinValue, long.MaxValue);
            string what = $"seed {seed}, round {round}: {left}, {right}";
            Int128 sum = Int128.Clamp((Int128)left + right, long.MinValue, long.MaxValue);
            Int128 difference = Int128.Clamp((Int128)left - right, long.MinValue, long.MaxValue);
            Assert.True(sum == (new Instant(left) + new TimeSpan(right)).Ticks, what);
            Assert.True(difference == (new Instant(left) - new TimeSpan(right)).Ticks, what);
            Assert.True(difference == (new Instant(left) - new Instant(right)).Ticks, what);
        }
    }

    [Fact]
    public void Arithmetic_AllocatesNothing() => AllocationGuard.AssertNone(static () =>
    {
        Instant later = Instant.Min(Instant.Never, Instant.Zero + TimeSpan.FromSeconds(1));
        _ = later - Instant.Zero;
        _ = later.CompareTo(Instant.Zero) + later.GetHashCode();
        _ = later == Instant.Never;
    });
}
