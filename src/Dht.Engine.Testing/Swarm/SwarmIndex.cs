using System.Numerics;

namespace Dht.Engine.Testing.Swarm;

/// <summary>
/// All nodes by rank, that is in the order of their ids; immutable. About 13 bytes a node: the prefix, the index, and
/// a directory by the top bits with 4 to 8 nodes to an entry.
/// </summary>
internal sealed class SwarmIndex
{
    private readonly ulong[] _prefixes;
    private readonly int[] _nodes;
    private readonly int[] _starts;
    private readonly int _topBits;

    public SwarmIndex(SwarmPopulation population)
    {
        int count = population.Count;
        _topBits = Math.Max(1, BitOperations.Log2((uint)count) - 2);
        _prefixes = new ulong[count];
        _nodes = new int[count];

        // Counted two places up and then summed, entry b + 1 is where bucket b begins; filling the buckets moves it
        // to their ends.
        _starts = new int[(1 << _topBits) + 2];
        for (int i = 0; i < count; i++)
        {
            _starts[Top(population.PrefixOf(i)) + 2]++;
        }

        for (int bucket = 2; bucket < _starts.Length; bucket++)
        {
            _starts[bucket] += _starts[bucket - 1];
        }

        for (int i = 0; i < count; i++)
        {
            ulong prefix = population.PrefixOf(i);
            int rank = _starts[Top(prefix) + 1]++;
            _prefixes[rank] = prefix;
            _nodes[rank] = i;
        }

        SortBuckets();
    }

    public int Count => _prefixes.Length;

    public long MemoryBytes => ((long)Count * (sizeof(ulong) + sizeof(int))) + ((long)_starts.Length * sizeof(int));

    public ulong PrefixAt(int rank) => _prefixes[rank];

    public int NodeAt(int rank) => _nodes[rank];

    /// <summary>
    /// The ranks, from <paramref name="first"/> up to but not with <paramref name="end"/>, that share leading bits
    /// with a key.
    /// </summary>
    /// <param name="bits">How many bits: 0 to 64.</param>
    public void Range(ulong key, int bits, out int first, out int end)
    {
        ulong rest = bits == 64 ? 0 : ulong.MaxValue >> bits;
        ulong last = key | rest;
        first = RankOf(key & ~rest);
        end = last == ulong.MaxValue ? Count : RankOf(last + 1);
    }

    /// <summary>How many nodes have a prefix below a key.</summary>
    private int RankOf(ulong key)
    {
        int bucket = Top(key);
        int rank = _starts[bucket];
        if (key << _topBits != 0)
        {
            int end = _starts[bucket + 1];
            while (rank < end && _prefixes[rank] < key)
            {
                rank++;
            }
        }

        return rank;
    }

    private int Top(ulong prefix) => (int)(prefix >> (64 - _topBits));

    /// <summary>Sorts by insertion: hashes spread evenly, so that buckets stay small.</summary>
    private void SortBuckets()
    {
        for (int bucket = 0; bucket < _starts.Length - 2; bucket++)
        {
            int first = _starts[bucket];
            int end = _starts[bucket + 1];
            for (int i = first + 1; i < end; i++)
            {
                ulong prefix = _prefixes[i];
                int node = _nodes[i];
                int place = i;
                for (; place > first && _prefixes[place - 1] > prefix; place--)
                {
                    _prefixes[place] = _prefixes[place - 1];
                    _nodes[place] = _nodes[place - 1];
                }

                _prefixes[place] = prefix;
                _nodes[place] = node;
            }
        }
    }
}
