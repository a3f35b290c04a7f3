using System.Numerics;
using Dht.Engine.Invariants;

namespace Dht.Engine.Lookup;

/// <summary>
/// How often each 64-bit key was added: open addressing with linear probing, of fixed size, at most half full. The keys
/// are keyed hashes, so they cannot be aimed at one place, and two that are equal count as one. Allocates only when
/// created; one thread.
/// </summary>
internal sealed partial class AskedKeys
{
    private readonly ulong[] _keys;
    private readonly byte[] _counts;
    private readonly int _mask;
    private int _used;

    /// <param name="capacity">The most different keys.</param>
    public AskedKeys(int capacity)
    {
        int places = (int)BitOperations.RoundUpToPowerOf2((uint)capacity * 2);
        _keys = new ulong[places];
        _counts = new byte[places];
        _mask = places - 1;
    }

    /// <summary>How often a key was added, up to 255.</summary>
    public int CountOf(ulong key) => _counts[Find(key)];

    /// <summary>Counts one more. The caller keeps to the capacity.</summary>
    public void Add(ulong key)
    {
        int place = Find(key);
        if (_counts[place] == 0)
        {
            _keys[place] = key;
            _used++;
            Invariant.Holds(2 * _used <= _keys.Length, "at most half of the places are used");
        }

        if (_counts[place] < byte.MaxValue)
        {
            _counts[place]++;
        }
    }

    public void Clear()
    {
        if (_used > 0)
        {
            Array.Clear(_counts);
            _used = 0;
        }
    }

    private int Find(ulong key)
    {
        int place = (int)key & _mask;
        while (_counts[place] > 0 && _keys[place] != key)
        {
            place = (place + 1) & _mask;
        }

        return place;
    }
}
