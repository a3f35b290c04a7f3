using Dht.Engine.Randomness;
using Dht.Engine.Testing.Simulation;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Testing.Simulation;

public sealed class EventQueueTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void EventsComeOutInOrder_ThoseOfOneInstantAsTheyWentIn(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        var queue = new EventQueue();
        var model = new List<(long Due, int Subject)>();
        for (int i = 0; i < 20_000; i++)
        {
            if (random.Next(3) > 0)
            {
                long due = random.Next(50);
                queue.Add(new Instant(due), SimulationEventKind.Tick, i);
                int place = model.Count;
                while (place > 0 && model[place - 1].Due > due)
                {
                    place--;
                }

                model.Insert(place, (due, i));
            }
            else if (model.Count > 0)
            {
                Assert.Equal(new Instant(model[0].Due), queue.NextDue);
                SimulationEvent taken = queue.Take();
                Assert.True((taken.Due, taken.Subject) == model[0], $"seed {seed}, step {i}");
                model.RemoveAt(0);
            }

            Assert.Equal(model.Count, queue.Count);
        }

        while (model.Count > 0)
        {
            Assert.Equal(model[0].Subject, queue.Take().Subject);
            model.RemoveAt(0);
        }

        Assert.Equal(Instant.Never, queue.NextDue);
    }

    [Fact]
    public void AWarmQueue_AllocatesNothing() => AllocationGuard.AssertNone(new EventQueue(), static queue =>
    {
        for (int i = 0; i < 5000; i++)
        {
            queue.Add(new Instant(i * 7919 % 1000), SimulationEventKind.Arrival, i);
        }

        while (queue.Count > 0)
        {
            queue.Take();
        }
    });
}
