using Dht.Engine.Node;

namespace Dht.Engine.Tests.Node;

public sealed class PriorityListTests
{
    [Fact]
    public void RandomChanges_KeepTheOrder()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var list = new PriorityList<int>();
            var model = new List<(int Item, int Priority, int Order, Registration Registration)>();
            for (int step = 0; step < 40; step++)
            {
                if (model.Count > 0 && random.Next(3) == 0)
                {
                    int at = random.Next(model.Count);
                    model[at].Registration.Dispose();
                    model[at].Registration.Dispose();
                    model.RemoveAt(at);
                }
                else
                {
                    int item = random.Next(5);
                    int priority =
                        random.Next(4) switch { 0 => int.MinValue, 1 => int.MaxValue, _ => random.Next(-2, 3) };
                    model.Add((item, priority, step, list.Add(item, priority)));
                }

                int[] expected =
                    [
                        .. model.OrderByDescending(entry => entry.Priority).ThenBy(entry => entry.Order)
                            .Select(entry => entry.Item),
                    ];
                Assert.True(ItemsOf(list.Entries).SequenceEqual(expected), $"seed {seed}, step {step}");
            }
        }
    }

    [Fact]
    public void WhatIsBeingRead_NeverChanges()
    {
        var list = new PriorityList<string>();
        Registration first = list.Add("a", 0);
        ReadOnlySpan<PriorityList<string>.Entry> entries = list.Entries;
        list.Add("b", 1);
        Assert.True(entries[0].IsActive);
        first.Dispose();
        Assert.Equal("a", Assert.Single(ItemsOf(entries)));
        Assert.False(entries[0].IsActive);
        Assert.Equal("b", Assert.Single(ItemsOf(list.Entries)));
        Assert.True(list.Entries[0].IsActive);
    }

    [Fact]
    public void ChangesFromManyThreads_AreAllThere()
    {
        var list = new PriorityList<int>();
        Parallel.For(0, 64, i =>
        {
            using Registration gone = list.Add(-1, i % 7);
            list.Add(i, i % 3);
        });
        Assert.Equal(Enumerable.Range(0, 64), ItemsOf(list.Entries).Order());
        Assert.Equal(
            ItemsOf(list.Entries).Select(i => i % 3), ItemsOf(list.Entries).Select(i => i % 3).OrderDescending());
    }

    private static T[] ItemsOf<T>(ReadOnlySpan<PriorityList<T>.Entry> entries) =>
        Array.ConvertAll(entries.ToArray(), static entry => entry.Item);
}
