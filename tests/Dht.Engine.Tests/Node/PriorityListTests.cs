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
                    int priority = random.Next(4) switch { 0 => int.MinValue, 1 => int.MaxValue, _ => random.Next(-2, 3) };
                    model.Add((item, priority, step, list.Add(item, priority)));
                }

                int[] expected = [.. model.OrderByDescending(entry => entry.Priority).ThenBy(entry => entry.Order).Select(entry => entry.Item)];
                Assert.True(list.Items.SequenceEqual(expected), $"seed {seed}, step {step}");
            }
        }
    }

    [Fact]
    public void WhatIsBeingRead_NeverChanges()
    {
        var list = new PriorityList<string>();
        Registration first = list.Add("a", 0);
        ReadOnlySpan<string> items = list.Items;
        list.Add("b", 1);
        first.Dispose();
        Assert.Equal("a", Assert.Single(items.ToArray()));
        Assert.Equal("b", Assert.Single(list.Items.ToArray()));
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
        Assert.Equal(Enumerable.Range(0, 64), list.Items.ToArray().Order());
        Assert.Equal(list.Items.ToArray().Select(i => i % 3), list.Items.ToArray().Select(i => i % 3).OrderDescending());
    }
}
