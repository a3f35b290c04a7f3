namespace Dht.Engine.Node;

/// <summary>Something that a node does again and again. Thread-safe.</summary>
public sealed class NodeTask
{
    /// <summary>The shortest interval: 1 ms.</summary>
    public static readonly TimeSpan IntervalMin = TimeSpan.FromMilliseconds(1);

    private readonly Action _changed;
    private readonly Action<NodeTask> _remove;
    private long _intervalTicks;
    private volatile bool _isRemoved;

    /// <param name="name">Unique within the node.</param>
    /// <param name="interval">At least <see cref="IntervalMin"/>.</param>
    /// <param name="builtIn">What the node does itself.</param>
    /// <param name="action">What the user's code does, when <paramref name="builtIn"/> is not set.</param>
    /// <param name="changed">Called when the interval has changed.</param>
    /// <param name="remove">Called once, to take it out.</param>
    internal NodeTask(
        string name,
        TimeSpan interval,
        UpkeepTask builtIn,
        NodeTaskAction? action,
        Action changed,
        Action<NodeTask> remove)
    {
        _changed = changed;
        _remove = remove;
        Name = name;
        BuiltIn = builtIn;
        Action = action;
        _intervalTicks = Check(interval).Ticks;
    }

    /// <summary>Its name, unique within the node.</summary>
    public string Name { get; }

    /// <summary>
    /// From the beginning of one run to the beginning of the next. A change counts from the last run on, so that a
    /// shorter interval may make the task due at once. <see cref="TimeSpan.MaxValue"/> lets it rest until it is given
    /// another one.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Shorter than <see cref="IntervalMin"/>.</exception>
    public TimeSpan Interval
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _intervalTicks));
        set
        {
            Volatile.Write(ref _intervalTicks, Check(value).Ticks);
            _changed();
        }
    }

    /// <summary>Whether it has been taken out.</summary>
    public bool IsRemoved => _isRemoved;

    internal UpkeepTask BuiltIn { get; }

    internal NodeTaskAction? Action { get; }

    /// <summary>
    /// Takes it out; a second time does nothing. On the engine's thread it does not run again from now on; on another
    /// thread, a run that has begun already may still be going on.
    /// </summary>
    public void Remove()
    {
        _isRemoved = true;
        _remove(this);
    }

    private static TimeSpan Check(TimeSpan interval) => interval >= IntervalMin
        ? interval
        : throw new ArgumentOutOfRangeException(
            nameof(interval), interval, "The interval of a task must be at least 1 ms; remove the task to stop it.");
}
