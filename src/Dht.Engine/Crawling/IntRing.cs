namespace Dht.Engine.Crawling;

/// <summary>
/// A first-in-first-out queue of integers with a fixed bound. Not thread-safe; allocates only when created.
/// </summary>
internal sealed partial class IntRing
{
    private readonly int[] _items;
    private int _head;

    /// <summary>Creates a ring with room for <paramref name="capacity"/> integers.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is not positive.</exception>
    public IntRing(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _items = new int[capacity];
    }

    /// <summary>How many are waiting.</summary>
    public int Count { get; private set; }

    /// <summary>The bound.</summary>
    public int Capacity => _items.Length;

    /// <summary>Adds one after the last; false when full.</summary>
    public bool TryEnqueue(int item)
    {
        if (Count == _items.Length)
        {
            return false;
        }

        int tail = _head + Count;
        _items[tail >= _items.Length ? tail - _items.Length : tail] = item;
        Count++;
        return true;
    }

    /// <summary>Takes the first; false when empty.</summary>
    public bool TryDequeue(out int item)
    {
        if (Count == 0)
        {
            item = 0;
            return false;
        }

        item = _items[_head];
        _head = _head + 1 == _items.Length ? 0 : _head + 1;
        Count--;
        return true;
    }
}
