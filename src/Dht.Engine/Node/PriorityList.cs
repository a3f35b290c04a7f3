namespace Dht.Engine.Node;

/// <summary>
/// Things in order of their priority, the highest first, and among equals in order of registration. Changed from any thread; the
/// engine's thread reads the array of the moment without a lock.
/// </summary>
internal sealed class PriorityList<T>
{
    private readonly Lock _gate = new();
    private volatile Entry[] _entries = [];
    private volatile T[] _items = [];

    /// <summary>What is registered now; never changes under the reader.</summary>
    public ReadOnlySpan<T> Items => _items;

    public Registration Add(T item, int priority)
    {
        var entry = new Entry(item, priority);
        lock (_gate)
        {
            int place = Array.FindLastIndex(_entries, known => known.Priority >= priority) + 1;
            Publish([.. _entries[..place], entry, .. _entries[place..]]);
        }

        return new Registration(() => Remove(entry));
    }

    private void Remove(Entry entry)
    {
        lock (_gate)
        {
            Publish([.. _entries.Where(known => known != entry)]);
        }
    }

    private void Publish(Entry[] entries)
    {
        _entries = entries;
        _items = [.. entries.Select(static entry => entry.Item)];
    }

    // A class: the same item may be registered twice, and each time is removed by itself.
    private sealed class Entry(T item, int priority)
    {
        public T Item { get; } = item;

        public int Priority { get; } = priority;
    }
}
