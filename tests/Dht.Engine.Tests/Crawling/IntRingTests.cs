using Dht.Engine.Crawling;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Crawling;

public sealed class IntRingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void ACapacityThatIsNotPositive_IsRefused(int capacity) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new IntRing(capacity));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(64)]
    public void AnySequence_BehavesLikeAQueue(int capacity)
    {
        const ulong seed = 11;
        var random = new SeededRandomSource(seed);
        var ring = new IntRing(capacity);
        var model = new Queue<int>();
        for (int step = 0; step < 10_000; step++)
        {
            if (random.Next(2) == 0)
            {
                bool fits = model.Count < capacity;
                Assert.True(fits == ring.TryEnqueue(step), $"seed {seed}, step {step}");
                if (fits)
                {
                    model.Enqueue(step);
                }
            }
            else
            {
                bool any = model.TryDequeue(out int expected);
                Assert.True(any == ring.TryDequeue(out int item) && item == expected, $"seed {seed}, step {step}");
            }

            Assert.True(model.Count == ring.Count, $"seed {seed}, step {step}");
            ring.CheckInvariants();
        }

        Assert.Equal(capacity, ring.Capacity);
    }

    [Fact]
    public void Use_AllocatesNothing() => Assert.Equal(0, AllocationGuard.OnThread(new IntRing(8), static ring =>
    {
        for (int i = 0; i < 1000; i++)
        {
            ring.TryEnqueue(i);
            ring.TryDequeue(out _);
        }
    }));
}
