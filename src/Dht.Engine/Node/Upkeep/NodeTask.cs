namespace Dht.Engine.Node;

/// <summary>Something that a node does again and again. Thread-safe.</summary>
public sealed class NodeTask
{
    /// <summary>The shortest interval: 1 ms.</summary>
    public static readonly TimeSpan IntervalMin = TimeSpan.FromMilliseconds(1);

    private readonly NodeTasks _tasks;
    private long _intervalTicks;

    internal NodeTask(NodeTasks tasks, string name, TimeSpan interval, NodeTaskAction action)
    {
        _tasks = tasks;
        Name = name;
        Action = action;
        _intervalTicks = Check(interval).Ticks;
    }

    /// <summary>Its name, unique within the node.</summary>
    public string Name { get; }

    /// <summary>
    /// From the beginning of one run to the beginning of the next. A change counts from the last run on, so that a shorter interval
    /// may make the task due at once. <see cref="TimeSpan.MaxValue"/> lets it rest until it is given another one.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Shorter than <see cref="IntervalMin"/>.</exception>
    public TimeSpan Interval
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _intervalTicks));
        set
        {
            Volatile.Write(ref _intervalTicks, Check(value).Ticks);
            _tasks.NotifyChanged();
        }
    }

    /// <summary>Whether it has been taken out.</summary>
    public bool IsRemoved => !_tasks.Contains(this);

    internal NodeTaskAction Action { get; }

    /// <summary>
    /// Takes it out; a second time does nothing. On the engine's thread it does not run any more from now on; on another, a run that
    /// has begun already ends first or meanwhile.
    /// </summary>
    public void Remove() => _tasks.Remove(this);

    private static TimeSpan Check(TimeSpan interval) => interval >= IntervalMin
        ? interval
        : throw new ArgumentOutOfRangeException(nameof(interval), interval, "The interval of a task must be at least 1 ms; remove the task to stop it.");
}
