using System.Buffers.Binary;
using System.Numerics;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Testing.Swarm;

/// <summary>
/// The contacts that a node hands out, as if it had a routing table: far from itself it knows a few nodes of each
/// bucket, always the same ones; near itself it knows everybody. Dead and hostile nodes are among them, as in real
/// tables. For one thread at a time.
/// </summary>
internal sealed class SwarmContacts
{
    private readonly SwarmPopulation _population;
    private readonly SwarmIndex _index;
    private readonly SwarmAddressBook _addresses;
    private readonly int _size;
    private readonly int _usualLevel;

    // The choice being made, nearest first: distances (of the prefixes, which decide) and nodes.
    private readonly ulong[] _distances;
    private readonly int[] _nodes;
    private int _chosen;

    // What has been drawn from a bucket, before it is sorted.
    private readonly ulong[] _drawnPrefixes;
    private readonly int[] _drawnNodes;

    public SwarmContacts(SwarmPopulation population, SwarmIndex index, SwarmAddressBook addresses, int size)
    {
        _population = population;
        _index = index;
        _addresses = addresses;
        _size = size;
        _usualLevel = BitOperations.Log2((uint)Math.Max(1, population.Count / (size + 1)));
        _distances = new ulong[size];
        _nodes = new int[size];
        _drawnPrefixes = new ulong[size];
        _drawnNodes = new int[size];
    }

    /// <summary>
    /// Writes the contacts of node <paramref name="self"/> for a target, nearest first, and returns their length in
    /// bytes.
    /// </summary>
    public int Write(int self, in NodeId target, Span<byte> destination)
    {
        ulong key = target.Prefix64;
        _chosen = 0;
        int shared = BitOperations.LeadingZeroCount(key ^ _population.PrefixOf(self));
        if (shared == 64 || !TryChooseOfBucket(self, key, shared))
        {
            ChooseClosest(self, key);
        }

        for (int i = 0; i < _chosen; i++)
        {
            WriteContact(_distances[i] ^ key, _addresses[_nodes[i]], destination[(i * CompactNode.SizeIPv4)..]);
        }

        return _chosen * CompactNode.SizeIPv4;
    }

    /// <summary>Writes one contact of 26 bytes.</summary>
    public static void WriteContact(ulong prefix, in Endpoint endpoint, Span<byte> destination)
    {
        SwarmPopulation.WriteId(prefix, destination);
        BinaryPrimitives.WriteUInt32BigEndian(destination[NodeId.Size..], endpoint.IPv4Bits);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(NodeId.Size + sizeof(uint))..], endpoint.Port);
    }

    /// <summary>
    /// When bucket <paramref name="shared"/> of a node (those whose id shares that many bits with its own and differs
    /// in the next) overflows, a choice by hash, one node out of each equal part of the bucket; it does not depend on
    /// the rest of the target.
    /// </summary>
    private bool TryChooseOfBucket(int self, ulong key, int shared)
    {
        _index.Range(key, shared + 1, out int first, out int end);
        int count = end - first;
        if (count <= _size)
        {
            return false;
        }

        // Drawn first and sorted then: each draw misses the cache, and without branches between them the misses
        // overlap.
        ulong bucket = SwarmPopulation.Hash(_population.ChoiceSeed, ((ulong)self << 6) | (uint)shared);
        for (int i = 0; i < _size; i++)
        {
            int from = (int)((long)count * i / _size);
            int to = (int)((long)count * (i + 1) / _size);
            ulong chance = SwarmPopulation.Hash(bucket, (ulong)i) >> 32;
            int rank = first + from + (int)((chance * (ulong)(to - from)) >> 32);
            _drawnPrefixes[i] = _index.PrefixAt(rank);
            _drawnNodes[i] = _index.NodeAt(rank);
        }

        for (int i = 0; i < _size; i++)
        {
            Consider(_drawnPrefixes[i] ^ key, _drawnNodes[i]);
        }

        return true;
    }

    /// <summary>The nearest nodes of all, the node itself excepted.</summary>
    private void ChooseClosest(int self, ulong key)
    {
        // A node that shares more bits with the target is nearer: the smallest prefix range that holds enough holds the
        // nearest.
        int level = _usualLevel;
        int first;
        int end;
        for (_index.Range(key, level, out first, out end); level > 0 && end - first <= _size;)
        {
            _index.Range(key, --level, out first, out end);
        }

        while (level < 64)
        {
            _index.Range(key, ++level, out int innerFirst, out int innerEnd);
            if (innerEnd - innerFirst <= _size)
            {
                break;
            }

            (first, end) = (innerFirst, innerEnd);
        }

        for (int rank = first; rank < end; rank++)
        {
            int node = _index.NodeAt(rank);
            if (node != self)
            {
                Consider(_index.PrefixAt(rank) ^ key, node);
            }
        }
    }

    private void Consider(ulong distance, int node)
    {
        int place;
        if (_chosen < _size)
        {
            place = _chosen++;
        }
        else if (distance < _distances[_size - 1])
        {
            place = _size - 1;
        }
        else
        {
            return;
        }

        for (; place > 0 && _distances[place - 1] > distance; place--)
        {
            _distances[place] = _distances[place - 1];
            _nodes[place] = _nodes[place - 1];
        }

        _distances[place] = distance;
        _nodes[place] = node;
    }
}
