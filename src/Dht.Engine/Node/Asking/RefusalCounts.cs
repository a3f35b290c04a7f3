using Dht.Engine.Addressing;

namespace Dht.Engine.Node;

/// <summary>
/// How often each of those that refused lately has refused in a row, in a table of fixed size. In a full one a newcomer
/// takes the place of the latest of those that refused least, so that many refusers do not make each other forgotten.
/// Allocates only when created; one thread.
/// </summary>
internal sealed class RefusalCounts
{
    /// <summary>
    /// So many refusals in a row are the politeness of a busy node; each one more counts as a query that was not
    /// answered.
    /// </summary>
    public const int AllowedInARow = 4;

    private const int Capacity = 256;

    private readonly (Endpoint Source, int Count)[] _held = new (Endpoint, int)[Capacity];
    private int _count;

    /// <summary>Counts one more; how many that makes.</summary>
    public int Add(in Endpoint source)
    {
        int place = IndexOf(source);
        if (place < 0)
        {
            place = _count < Capacity ? _count++ : PlaceOfLeast();
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
            _held[place] = _held[--_count];
        }
    }

    private int PlaceOfLeast()
    {
        int least = 0;
        for (int i = 1; i < Capacity; i++)
        {
            least = _held[i].Count <= _held[least].Count ? i : least;
        }

        return least;
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
