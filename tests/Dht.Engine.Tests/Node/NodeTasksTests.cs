using Dht.Engine.Node;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Node;

/// <summary>Tasks in virtual time: the list of them and the one who runs them.</summary>
public sealed class NodeTasksTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly NodeHarness _node = new();
    private readonly List<string> _ran = [];

    public NodeTasksTests()
    {
        foreach (NodeTask builtIn in Tasks.All)
        {
            builtIn.Remove();
        }

        _node.Advance(TimeSpan.Zero);
    }

    private NodeTasks Tasks => _node.Node.Extensions.Tasks;

    [Fact]
    public void ATask_RunsFirstWhenOneIntervalHasPassed_ThenInEach()
    {
        Add("a", 10 * Second);
        Assert.True(_node.Node.NextDeadline <= _node.Now);
        _node.Advance(TimeSpan.Zero);
        Assert.Equal(_node.Now + (10 * Second), _node.Node.NextDeadline);
        _node.Advance((10 * Second) - TimeSpan.FromTicks(1));
        Assert.Empty(_ran);
        _node.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(["a"], _ran);
        _node.Advance(10 * Second);
        Assert.Equal(["a", "a"], _ran);
    }

    [Fact]
    public void ALateTask_RunsOnce_AndCountsFromThen()
    {
        Add("a", Second);
        _node.Advance(TimeSpan.Zero);
        _node.Advance(100 * Second);
        Assert.Equal(["a"], _ran);
        Assert.Equal(_node.Now + Second, _node.Node.NextDeadline);
    }

    [Fact]
    public void TasksDueAtOnce_RunInTheOrderOfTheirComing()
    {
        Add("a", 2 * Second);
        Add("b", Second);
        Add("c", 2 * Second);
        _node.Advance(TimeSpan.Zero);
        _node.Advance(2 * Second);
        Assert.Equal(["a", "b", "c"], _ran);
    }

    [Fact]
    public void ANewInterval_CountsFromTheLastRun()
    {
        NodeTask task = Add("a", 10 * Second);
        _node.Advance(TimeSpan.Zero);
        _node.Advance(10 * Second);
        _node.Advance(6 * Second);
        task.Interval = 5 * Second;
        Assert.True(_node.Node.NextDeadline <= _node.Now);
        _node.Advance(TimeSpan.Zero);
        Assert.Equal(["a", "a"], _ran);
        task.Interval = 20 * Second;
        _node.Advance(19 * Second);
        Assert.Equal(2, _ran.Count);
        _node.Advance(Second);
        Assert.Equal(3, _ran.Count);
    }

    [Fact]
    public void ATask_MayReTimeItself()
    {
        NodeTask? task = null;
        task = Tasks.Add("a", Second, (_, _) =>
        {
            _ran.Add("a");
            task!.Interval *= 2;
        });
        _node.Advance(TimeSpan.Zero);
        for (int i = 0; i < 31; i++)
        {
            _node.Advance(Second);
        }

        // After 1, 1 + 2, 1 + 2 + 4 ... seconds.
        Assert.Equal(5, _ran.Count);
    }

    [Fact]
    public void ATask_MayRemoveItself_AndOthersThatAreDue()
    {
        NodeTask? self = null;
        NodeTask? other = null;
        self = Tasks.Add("a", Second, (_, _) =>
        {
            _ran.Add("a");
            self!.Remove();
            other!.Remove();
        });
        other = Add("b", Second);
        Add("c", Second);
        _node.Advance(TimeSpan.Zero);
        _node.Advance(Second);
        Assert.Equal(["a", "c"], _ran);
        Assert.True(self.IsRemoved && other.IsRemoved);
        _node.Advance(Second);
        Assert.Equal(["a", "c", "c"], _ran);
        self.Interval = Second;
        self.Remove();
        Assert.Single(Tasks.All);
    }

    [Fact]
    public void ATask_MayAddOthers_WhichBeginThen()
    {
        Tasks.Add("a", Second, (_, _) =>
        {
            _ran.Add("a");
            if (Tasks.Find("b") == null)
            {
                Add("b", Second);
            }
        });
        _node.Advance(TimeSpan.Zero);
        _node.Advance(Second);
        _node.Advance(TimeSpan.Zero);
        Assert.Equal(["a"], _ran);
        _node.Advance(Second);
        Assert.Equal(["a", "a", "b"], _ran);
    }

    [Fact]
    public void ANameThatWasRemoved_BeginsAnew()
    {
        Add("a", 10 * Second).Remove();
        _node.Advance(9 * Second);
        NodeTask again = Add("a", 10 * Second);
        _node.Advance(Second);
        Assert.Empty(_ran);
        Assert.Same(again, Tasks.Find("a"));
        _node.Advance(10 * Second);
        Assert.Equal(["a"], _ran);
    }

    [Fact]
    public void AThrowingTask_IsCounted_AndGoesOnInItsInterval()
    {
        Tasks.Add("a", Second, (_, _) => throw new InvalidOperationException("not today"));
        Add("b", Second);
        _node.Advance(TimeSpan.Zero);
        for (int i = 0; i < 3; i++)
        {
            _node.Advance(Second);
        }

        Assert.Equal(3, _node.Counters.Faults);
        Assert.Equal(["b", "b", "b"], _ran);
    }

    [Fact]
    public void TheLongestInterval_LetsATaskRest()
    {
        NodeTask task = Add("a", Second);
        task.Interval = TimeSpan.MaxValue;
        _node.Advance(TimeSpan.Zero);
        Assert.Equal(Instant.Never, _node.Node.NextDeadline);
        _node.Advance(TimeSpan.FromDays(1_000));
        Assert.Empty(_ran);
        task.Interval = Second;
        _node.Advance(TimeSpan.Zero);
        Assert.Equal(["a"], _ran);
    }

    [Fact]
    public void TheShortestInterval_IsAMillisecond()
    {
        NodeTask task = Add("a", TimeSpan.FromMilliseconds(1));
        foreach (TimeSpan wrong in (TimeSpan[])[TimeSpan.Zero, -Second, NodeTask.IntervalMin - TimeSpan.FromTicks(1)])
        {
            Assert.Contains(
                "1 ms",
                Assert.Throws<ArgumentOutOfRangeException>(() => task.Interval = wrong).Message,
                StringComparison.Ordinal);
            Assert.Throws<ArgumentOutOfRangeException>(() => Add("b", wrong));
        }

        Assert.Equal(NodeTask.IntervalMin, task.Interval);
        Assert.Null(Tasks.Find("b"));
    }

    [Fact]
    public void All_IsACopyOfTheMoment()
    {
        Add("a", Second);
        IReadOnlyList<NodeTask> all = Tasks.All;
        Add("b", Second);
        Assert.Equal("a", Assert.Single(all).Name);
        Assert.False(all is NodeTask[]);
        Assert.Equal(["a", "b"], Tasks.All.Select(task => task.Name));
    }

    [Fact]
    public void RandomTasks_RunWhenASimpleModelSays()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var node = new NodeHarness();
            foreach (NodeTask builtIn in node.Node.Extensions.Tasks.All)
            {
                builtIn.Remove();
            }

            node.Advance(TimeSpan.Zero);
            var ran = new List<string>();
            var model = new List<(NodeTask Task, Instant RanAt)>();
            for (int step = 0; step < 60; step++)
            {
                switch (random.Next(6))
                {
                    case 0:
                        string name = $"{step}";
                        NodeTask added = node.Node.Extensions.Tasks.Add(
                            name, random.Next(1, 20) * Second, (_, _) => ran.Add(name));
                        model.Add((added, node.Now));
                        node.Advance(TimeSpan.Zero);
                        break;
                    case 1 when model.Count > 0:
                        int gone = random.Next(model.Count);
                        model[gone].Task.Remove();
                        model.RemoveAt(gone);
                        break;
                    case 2 when model.Count > 0:
                        model[random.Next(model.Count)].Task.Interval = random.Next(1, 20) * Second;
                        break;
                }

                ran.Clear();
                node.Advance(random.Next(0, 8) * Second);
                node.Node.CheckInvariants();
                var expected = new List<string>();
                for (int i = 0; i < model.Count; i++)
                {
                    if (node.Now >= model[i].RanAt + model[i].Task.Interval)
                    {
                        expected.Add(model[i].Task.Name);
                        model[i] = (model[i].Task, node.Now);
                    }
                }

                Assert.True(
                    expected.SequenceEqual(ran),
                    $"seed {seed}, step {step}: {string.Join(',', ran)} instead of {string.Join(',', expected)}");
            }
        }
    }

    [Fact]
    public void RunningAndReTiming_AllocateNothing()
    {
        NodeTask task = Tasks.Add("a", Second, static (_, _) => { });
        _node.Advance(TimeSpan.Zero);
        AllocationGuard.AssertNone((_node, task), static state =>
        {
            for (int i = 1; i < 100; i++)
            {
                state.task.Interval = TimeSpan.FromMilliseconds(i);
                state._node.Advance(TimeSpan.FromSeconds(1));
            }
        });
    }

    private NodeTask Add(string name, TimeSpan interval) => Tasks.Add(name, interval, (_, _) => _ran.Add(name));
}
