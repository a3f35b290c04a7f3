namespace Dht.Engine.Node;

/// <summary>
/// Things in order of their priority, the highest first, and among equals in order of registration. Changed from any
/// thread; the engine's thread reads the array of the moment without a lock.
/// </summary>
internal sealed class PriorityList<T>
{
    private readonly Lock _gate = new();
    private volatile Entry[] _entries = [];

    /// <summary>
    /// What is registered now. It does not change under the reader, but what is taken out meanwhile is marked: a
    /// reader skips what is no longer <see cref="Entry.IsActive"/>.
    /// </summary>
    public ReadOnlySpan<Entry> Entries => _entries;

    public Registration Add(T item, int priority)
    {
        var entry = new Entry(item, priority);
        lock (_gate)
        {
            int place = Array.FindLastIndex(_entries, known => known.Priority >= priority) + 1;
            _entries = [.. _entries[..place], entry, .. _entries[place..]];
        }

        return new Registration(() => Remove(entry));
    }

    private void Remove(Entry entry)
    {
        entry.IsActive = false;
        lock (_gate)
        {
            _entries = [.. _entries.Where(known => known != entry)];
        }
    }

    // A class: the same item may be registered twice, and each time is removed by itself.
    public sealed class Entry(T item, int priority)
    {
        private volatile bool _isActive = true;

        public T Item { get; } = item;

        public int Priority { get; } = priority;

        public bool IsActive
        {
            get => _isActive;
            set => _isActive = value;
        }
    }
}
