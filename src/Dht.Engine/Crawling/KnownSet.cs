using System.Numerics;
using System.Runtime.InteropServices;
using Dht.Engine.Addressing;

namespace Dht.Engine.Crawling;

/// <summary>
/// All endpoints of one family that a crawl has met, each once, with what the crawl must remember of it: no object
/// per node, 30 to 40 bytes each over IPv4. Nodes are numbered in the order of meeting, so the nodes not yet asked
/// are simply those beyond a cursor.
/// </summary>
/// <remarks>
/// <code>
/// records, in chunks of 65,536:  [ ip 4 or 16 | port 2 | id prefix 8 | first seen 4 | state 1 | asks 1 | reach 1 ]
///                                21 or 33 bytes
/// index, open addressing:        tags  [ 1 byte ]   0 = free, otherwise 0x80 | 7 bits of the hash
///                                slots [ 4 bytes ]  the record's number, at the same place
/// </code>
/// Of the id only the first 64 bits are kept: they tell any two of 2^32 nodes apart, and what is asked near a node
/// needs no more. Records grow by chunks and are never moved; the index doubles at 3/4. One thread.
/// </remarks>
internal sealed partial class KnownSet
{
    /// <summary>No node.</summary>
    public const int None = -1;

    /// <summary>The most nodes a set can have: its index has at most 2^30 places.</summary>
    public const int NodesMax = 1 << 29;

    private const int ChunkBits = 16;
    private const int ChunkSize = 1 << ChunkBits;

    private readonly int _endpointSize;
    private readonly int _stride;
    private readonly int _max;
    private readonly EndpointHasher _hasher;
    private readonly byte[]?[] _chunks;
    private byte[] _tags;
    private int[] _slots;
    private int _chunkCount;

    public KnownSet(IpFamily family, int initialCapacity, int max, EndpointHasher hasher)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(max, NodesMax);
        ArgumentOutOfRangeException.ThrowIfNegative(initialCapacity);
        _endpointSize = family == IpFamily.IPv6 ? Endpoint.CompactSizeIPv6 : Endpoint.CompactSizeIPv4;
        _stride = _endpointSize + KnownNode.TailSize;
        _max = max;
        _hasher = hasher;
        _chunks = new byte[]?[(max + ChunkSize - 1) >> ChunkBits];
        int capacity = Math.Clamp(initialCapacity, 64, max + 64);
        while (_chunkCount << ChunkBits < Math.Min(initialCapacity, max))
        {
            AddChunk();
        }

        int places = (int)BitOperations.RoundUpToPowerOf2((uint)(capacity + (capacity / 3) + 1));
        _tags = new byte[places];
        _slots = new int[places];
    }

    public int Count { get; private set; }

    /// <summary>Bytes of the records and the index.</summary>
    public long MemoryBytes => ((long)_chunkCount * ChunkSize * _stride) + _tags.Length + (4L * _slots.Length);

    /// <summary>The record of a node.</summary>
    public KnownNode this[int node] => new(Record(node));

    /// <summary>The hash of an endpoint, for the methods that take it.</summary>
    public ulong HashOf(in Endpoint endpoint) => _hasher.Hash(endpoint);

    /// <summary>
    /// Asks for the place of an endpoint in the index. In a set of millions each look-up misses the cache three
    /// times, one miss after the other; those of several endpoints can be waited for together.
    /// </summary>
    public void PrefetchPlace(ulong hash)
    {
        int place = HomeOf(hash);
        CacheHint.Prefetch(ref _tags[place]);
        CacheHint.Prefetch(ref _slots[place]);
    }

    /// <summary>
    /// Asks for the record that an endpoint probably has; once <see cref="PrefetchPlace"/> has done its work.
    /// </summary>
    public void PrefetchRecord(ulong hash)
    {
        int place = HomeOf(hash);
        if (_tags[place] == TagOf(hash))
        {
            CacheHint.Prefetch(ref MemoryMarshal.GetReference(Record(_slots[place])));
        }
    }

    /// <summary>
    /// Adds an endpoint; false when it is known (or there is no room: <paramref name="node"/> is <see cref="None"/>).
    /// </summary>
    public bool TryAdd(in Endpoint endpoint, ulong idPrefix, uint firstSeen, out int node) =>
        TryAdd(endpoint, HashOf(endpoint), idPrefix, firstSeen, out node);

    /// <inheritdoc cref="TryAdd(in Endpoint, ulong, uint, out int)"/>
    public bool TryAdd(in Endpoint endpoint, ulong hash, ulong idPrefix, uint firstSeen, out int node)
    {
        Span<byte> key = stackalloc byte[Endpoint.CompactSizeIPv6];
        key = key[..endpoint.WriteCompact(key)];
        int place = Find(key, hash, out bool found);
        if (found || Count == _max)
        {
            node = found ? _slots[place] : None;
            return false;
        }

        if ((long)(Count + 1) * 4 > (long)_tags.Length * 3)
        {
            Grow();
            place = Find(key, hash, out _);
        }

        node = Count++;
        if (node >> ChunkBits == _chunkCount)
        {
            AddChunk();
        }

        _tags[place] = TagOf(hash);
        _slots[place] = node;
        this[node].Write(key, idPrefix, firstSeen);
        return true;
    }

    /// <summary>The node at an endpoint, or <see cref="None"/>.</summary>
    public int IndexOf(in Endpoint endpoint)
    {
        Span<byte> key = stackalloc byte[Endpoint.CompactSizeIPv6];
        key = key[..endpoint.WriteCompact(key)];
        int place = Find(key, HashOf(endpoint), out bool found);
        return found ? _slots[place] : None;
    }

    private Span<byte> Record(int node) =>
        _chunks[node >> ChunkBits].AsSpan((node & (ChunkSize - 1)) * _stride, _stride);

    private int Find(ReadOnlySpan<byte> key, ulong hash, out bool found)
    {
        byte tag = TagOf(hash);
        int mask = _tags.Length - 1;
        int place = HomeOf(hash);
        while (_tags[place] != 0)
        {
            if (_tags[place] == tag && Record(_slots[place])[.._endpointSize].SequenceEqual(key))
            {
                found = true;
                return place;
            }

            place = (place + 1) & mask;
        }

        found = false;
        return place;
    }

    private int HomeOf(ulong hash) => (int)hash & (_tags.Length - 1);

    private static byte TagOf(ulong hash) => (byte)(0x80 | (hash >> 57));

    private void Grow()
    {
        byte[] tags = new byte[_tags.Length * 2];
        int[] slots = new int[tags.Length];
        int mask = tags.Length - 1;
        for (int node = 0; node < Count; node++)
        {
            ulong hash = HashOf(this[node].Endpoint);
            int place = (int)hash & mask;
            while (tags[place] != 0)
            {
                place = (place + 1) & mask;
            }

            tags[place] = TagOf(hash);
            slots[place] = node;
        }

        _tags = tags;
        _slots = slots;
    }

    private void AddChunk() => _chunks[_chunkCount++] = GC.AllocateUninitializedArray<byte>(ChunkSize * _stride);
}
