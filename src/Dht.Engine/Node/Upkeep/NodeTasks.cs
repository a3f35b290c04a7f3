namespace Dht.Engine.Node;

/// <summary>
/// What a node does by itself, each task in its own interval: those that keep a Mainline node alive, and yours. Any of
/// them can be re-timed or removed at any time, the built-in ones too. Thread-safe.
/// </summary>
public sealed class NodeTasks
{
    /// <summary>
    /// Joins the network whenever a table is empty. Looks every second; between attempts it waits longer and longer, up
    /// to a minute.
    /// </summary>
    public const string Join = "join";

    /// <summary>Pings a contact that has been silent for 15 minutes (BEP 5), one of each table a second.</summary>
    public const string ContactPing = "contact-ping";

    /// <summary>
    /// Looks up a random id in a bucket that has not changed for 15 minutes (BEP 5), one of each table a second.
    /// </summary>
    public const string BucketRefresh = "bucket-refresh";

    /// <summary>
    /// Looks for contacts near our own id: often while the tables grow, then at growing intervals, up to five minutes.
    /// </summary>
    public const string NeighbourSearch = "neighbour-search";

    /// <summary>Changes the secret of the write tokens every five minutes.</summary>
    public const string TokenRotation = "token-rotation";

    /// <summary>Drops peers that have not been announced for long, once a minute.</summary>
    public const string PeerExpiry = "peer-expiry";

    /// <summary>
    /// Derives the id again when it no longer fits the external address (BEP 42) and the last change was too recent to
    /// do it then. Looks once a second.
    /// </summary>
    public const string IdFit = "id-fit";

    private readonly Lock _gate = new();
    private volatile NodeTask[] _tasks;
    private int _version;

    internal NodeTasks()
    {
        TimeSpan second = TimeSpan.FromSeconds(1);
        _tasks =
        [
            BuiltIn(TokenRotation, Storage.TokenVault.RotationInterval, UpkeepTask.TokenRotation),
            BuiltIn(PeerExpiry, TimeSpan.FromMinutes(1), UpkeepTask.PeerExpiry),
            BuiltIn(Join, second, UpkeepTask.Join),
            BuiltIn(ContactPing, second, UpkeepTask.ContactPing),
            BuiltIn(BucketRefresh, second, UpkeepTask.BucketRefresh),
            BuiltIn(IdFit, second, UpkeepTask.IdFit),
            BuiltIn(NeighbourSearch, second, UpkeepTask.NeighbourSearch),
        ];
    }

    /// <summary>All that are in force: a snapshot.</summary>
    public IReadOnlyList<NodeTask> All => [.. _tasks];

    /// <summary>Raised on a change that may make something due earlier; from any thread.</summary>
    internal event Action? Changed;

    internal int Version => Volatile.Read(ref _version);

    internal ReadOnlySpan<NodeTask> Items => _tasks;

    /// <summary>The task of a name; null when there is none.</summary>
    /// <param name="name">One of the constants of this class, or that of a task of yours.</param>
    public NodeTask? Find(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Array.Find(_tasks, task => task.Name == name);
    }

    /// <summary>Adds a task. It runs for the first time when one interval has passed.</summary>
    /// <param name="name">Not yet taken.</param>
    /// <param name="interval">At least 1 ms.</param>
    /// <param name="action">What is to be done.</param>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The interval is too short.</exception>
    public NodeTask Add(string name, TimeSpan interval, NodeTaskAction action)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(action);
        var task = new NodeTask(name, interval, UpkeepTask.None, action, NotifyChanged, Remove);
        lock (_gate)
        {
            if (Find(name) != null)
            {
                throw new ArgumentException(
                    $"There is a task '{name}' already; remove it first, or choose another name.", nameof(name));
            }

            _tasks = [.. _tasks, task];
        }

        NotifyChanged();
        return task;
    }

    private NodeTask BuiltIn(string name, TimeSpan interval, UpkeepTask task) =>
        new(name, interval, task, action: null, NotifyChanged, Remove);

    private void Remove(NodeTask task)
    {
        lock (_gate)
        {
            _tasks = [.. _tasks.Where(known => known != task)];
        }

        NotifyChanged();
    }

    private void NotifyChanged()
    {
        Interlocked.Increment(ref _version);
        Changed?.Invoke();
    }
}
