using Dht.Engine.Addressing;

namespace Dht.Engine.Node;

/// <summary>
/// How often each of those that refused lately has refused in a row. The latest are remembered, in a table of fixed
/// size; one that is forgotten begins at none. Allocates only when created; one thread.
/// </summary>
internal sealed class RefusalCounts
{
    /// <summary>
    /// So many refusals in a row are the politeness of a busy node; each one more counts as a query that was not
    /// answered.
    /// </summary>
    public const int AllowedInARow = 4;

    private const int Capacity = 64;

    private readonly (Endpoint Source, int Count)[] _held = new (Endpoint, int)[Capacity];
    private int _count;
    private int _next;

    /// <summary>Counts one more; how many that makes.</summary>
    public int Add(in Endpoint source)
    {
        int place = IndexOf(source);
        if (place < 0)
        {
            place = _next;
            _next = (_next + 1) % Capacity;
            _count = Math.Min(_count + 1, Capacity);
            _held[place] = (source, 0);
        }

        return ++_held[place].Count;
    }

    /// <summary>It has answered.</summary>
    public void Clear(in Endpoint source)
    {
        int place = IndexOf(source);
        if (place >= 0)
        {
            _held[place].Count = 0;
        }
    }

    private int IndexOf(in Endpoint source)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_held[i].Source == source)
            {
                return i;
            }
        }

        return -1;
    }
}
