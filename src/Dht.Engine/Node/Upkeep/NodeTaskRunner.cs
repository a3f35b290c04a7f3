using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// When each task of a node is due. Follows the changes of <see cref="NodeTasks"/>, which come from any thread.
/// </summary>
/// <remarks>One thread. Allocates only when tasks come and go.</remarks>
internal sealed partial class NodeTaskRunner
{
    private readonly NodeTasks _tasks;
    private readonly NodeFaults _faults;
    private readonly Action<UpkeepTask, Instant> _builtIn;
    private Slot[] _slots = [];
    private int _version = -1;
    private Instant _nextDue;

    /// <param name="tasks">Those to run.</param>
    /// <param name="faults">The guard around each task.</param>
    /// <param name="builtIn">Does what the node does itself.</param>
    /// <param name="now">When their first periods start.</param>
    public NodeTaskRunner(NodeTasks tasks, NodeFaults faults, Action<UpkeepTask, Instant> builtIn, Instant now)
    {
        _tasks = tasks;
        _faults = faults;
        _builtIn = builtIn;
        Follow(now);

        // A node joins at once.
        MakeDue(NodeTasks.Join);
    }

    /// <summary>When <see cref="Run"/> has something to do; the past when tasks have changed.</summary>
    public Instant NextDue => _version == _tasks.Version ? _nextDue : Instant.Zero;

    /// <summary>Makes a task due at once.</summary>
    public void MakeDue(string name)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            if (_slots[i].Task.Name == name)
            {
                _slots[i].IsUrgent = true;
                _nextDue = Instant.Zero;
            }
        }
    }

    /// <summary>Starts the periods of tasks that are new now.</summary>
    private void Follow(Instant now)
    {
        int version = _tasks.Version;
        if (version == _version)
        {
            return;
        }

        _version = version;
        ReadOnlySpan<NodeTask> tasks = _tasks.Items;
        if (!IsSame(tasks))
        {
            var slots = new Slot[tasks.Length];
            for (int i = 0; i < tasks.Length; i++)
            {
                int known = IndexOf(tasks[i]);
                slots[i] = known >= 0 ? _slots[known] : new Slot { Task = tasks[i], RanAt = now };
            }

            _slots = slots;
        }

        Schedule();
    }

    /// <summary>Runs what is due, each at most once.</summary>
    public void Run(IMainlineNode node, Instant now)
    {
        Follow(now);
        if (now < _nextDue)
        {
            return;
        }

        // A task may change the tasks: the slots of this run stay in place, and what was removed does not run.
        Slot[] slots = _slots;
        for (int i = 0; i < slots.Length; i++)
        {
            ref Slot slot = ref slots[i];
            if ((!slot.IsUrgent && now < slot.Due) || slot.Task.IsRemoved)
            {
                continue;
            }

            slot.RanAt = now;
            slot.IsUrgent = false;
            Do(slot.Task, node, now);
        }

        Schedule();
    }

    private void Do(NodeTask task, IMainlineNode node, Instant now)
    {
        if (task.Action == null)
        {
            // The node's own tasks draw from the random source, which may be the user's.
            _faults.Guard(_builtIn, task.BuiltIn, now, static (run, in task, in now) => run(task, now));
        }
        else
        {
            _faults.Guard(task.Action, node, now, static (action, in node, in now) => action(node, now));
        }
    }

    private bool IsSame(ReadOnlySpan<NodeTask> tasks)
    {
        bool same = tasks.Length == _slots.Length;
        for (int i = 0; same && i < tasks.Length; i++)
        {
            same = tasks[i] == _slots[i].Task;
        }

        return same;
    }

    private int IndexOf(NodeTask task) => Array.FindIndex(_slots, slot => slot.Task == task);

    private void Schedule()
    {
        _nextDue = Instant.Never;
        foreach (ref Slot slot in _slots.AsSpan())
        {
            _nextDue = Instant.Min(_nextDue, slot.IsUrgent ? Instant.Zero : slot.Due);
        }
    }

    private struct Slot
    {
        public NodeTask Task;
        public Instant RanAt;
        public bool IsUrgent;

        public readonly Instant Due => RanAt + Task.Interval;
    }
}
