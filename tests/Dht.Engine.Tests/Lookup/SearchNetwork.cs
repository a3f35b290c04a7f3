using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Lookup;

/// <summary>
/// Live nodes with k-buckets, and dead ones that tables still hold. A bucket far from home holds k nodes drawn at
/// random, with a fixed share of dead ones; one near home holds those that belong in it, but of the dead ones only
/// those that its owner has not yet noticed. Tables are drawn when first needed, always the same ones.
/// </summary>
internal sealed class SearchNetwork
{
    private const int K = 8;

    private readonly ulong _seed;
    private readonly NodeId[] _ids;
    private readonly bool[] _dead;
    private readonly int[]?[] _tables;
    private readonly double _noticed;
    private readonly Dictionary<Endpoint, int> _byEndpoint = [];
    private readonly IpFamily _family;

    /// <param name="live">Live nodes.</param>
    /// <param name="deadShare">Dead ones among the contacts of a table, before any is noticed.</param>
    /// <param name="noticed">
    /// The share of dead contacts that is noticed near home. With 0 all hold the same dead ones.
    /// </param>
    public SearchNetwork(int live, double deadShare, double noticed, ulong seed, IpFamily family = IpFamily.IPv4)
    {
        _seed = seed;
        _family = family;
        _noticed = noticed;
        var random = new SeededRandomSource(seed);
        int nodes = (int)(live / (1 - deadShare));
        _ids = new NodeId[nodes];
        for (int i = 0; i < nodes; i++)
        {
            _ids[i] = NodeId.Random(random);
        }

        Array.Sort(_ids, (left, right) => NodeId.CompareDistance(default, left, right));
        _dead = new bool[nodes];
        for (int i = 0; i < nodes; i++)
        {
            _dead[i] = random.Next(nodes) >= live;
            _byEndpoint.Add(EndpointOf(i), i);
        }

        _tables = new int[nodes][];
    }

    public int Count => _ids.Length;

    public NodeId IdOf(int node) => _ids[node];

    public bool IsDead(int node) => _dead[node];

    public int NodeOf(NodeId id) => Array.BinarySearch(_ids, id, Comparer<NodeId>.Create(static (left, right) =>
        NodeId.CompareDistance(default, left, right)));

    public CompactNode ContactOf(int node) => new(_ids[node], EndpointOf(node));

    public Endpoint EndpointOf(int node)
    {
        uint address = 0x0B000000u + ((uint)node * 7919u);
        return _family == IpFamily.IPv6
            ? Endpoint.FromIPv6(0x2A00_0000_0000_0000ul + address, 1, 6881)
            : Endpoint.FromIPv4(address, (ushort)(1024 + (node % 60_000)));
    }

    public bool TryFind(in Endpoint endpoint, out int node) => _byEndpoint.TryGetValue(endpoint, out node);

    public int RandomLive(SeededRandomSource random)
    {
        int node = random.Next(Count);
        while (_dead[node])
        {
            node = random.Next(Count);
        }

        return node;
    }

    /// <summary>The live nodes closest to a target, nearest first, without one.</summary>
    public NodeId[] TrueClosest(NodeId target, int count, int without) => [.. Enumerable.Range(0, Count)
        .Where(node => !_dead[node] && node != without)
        .Select(node => _ids[node])
        .OrderBy(id => id.DistanceTo(target))
        .Take(count)];

    /// <summary>The contacts of a node's table that are closest to a target, nearest first.</summary>
    public int[] Closest(int node, NodeId target, int count)
    {
        int[] table = _tables[node] ??= DrawTable(node);
        int[] sorted = [.. table];
        Array.Sort(sorted, (left, right) => NodeId.CompareDistance(target, _ids[left], _ids[right]));
        return sorted[..Math.Min(count, sorted.Length)];
    }

    private int[] DrawTable(int node)
    {
        var random = new SeededRandomSource(_seed ^ SeededRandomSource.Mix((ulong)node + 1));
        var table = new List<int>();
        int low = 0;
        int high = Count;
        for (int bit = 0; high - low > 1; bit++)
        {
            // [low, high) share the first bits with the node; the half without it is a bucket.
            int middle = FirstWithBit(low, high, bit);
            bool isUpper = node >= middle;
            Draw(node, table, isUpper ? low : middle, isUpper ? middle : high, random);
            (low, high) = isUpper ? (middle, high) : (low, middle);
        }

        return [.. table];
    }

    private int FirstWithBit(int low, int high, int bit)
    {
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _ids[middle].GetBit(bit) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private void Draw(int node, List<int> table, int low, int high, SeededRandomSource random)
    {
        if (high - low <= 8 * K)
        {
            int[] known = [.. Enumerable.Range(low, high - low).Where(other => Knows(node, other))];
            Array.Sort([.. known.Select(_ => random.NextUInt32())], known);
            table.AddRange(known.Take(K));
            return;
        }

        var drawn = new HashSet<int>();
        while (drawn.Count < K)
        {
            drawn.Add(low + random.Next(high - low));
        }

        table.AddRange(drawn.Order());
    }

    private bool Knows(int node, int other) => !_dead[other]
        || (SeededRandomSource.Mix(_seed ^ ((ulong)node << 32) ^ (ulong)other) >> 11) * (1.0 / (1ul << 53)) >= _noticed;
}
