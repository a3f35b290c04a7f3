using System.Numerics;
using Dht.Engine.Addressing;

namespace Dht.Engine.Crawling;

/// <summary>
/// A counting sketch of the packets that each IP address (for IPv6, each /64) may have been sent without an answer:
/// one byte for all addresses of one keyed hash. A node counts one, and so does every further attempt at a silent
/// node. It may count too high when addresses share a byte, never too low, so a victim with many ports is always
/// noticed.
/// </summary>
internal sealed partial class UnansweredSketch
{
    private const int SizeMin = 1 << 16;
    private const int SizeMax = 1 << 24;
    private const int SharersMax = 4;

    private readonly EndpointHasher _hasher;
    private readonly int _max;
    private byte[] _counts;
    private long _added;

    /// <param name="nodes">Nodes expected in all: there is a byte for every two, so strangers rarely share one.</param>
    /// <param name="max">Packets without an answer to one address; 0 means no limit.</param>
    /// <param name="hasher">With a random key.</param>
    public UnansweredSketch(int nodes, int max, EndpointHasher hasher)
    {
        _max = max;
        _hasher = hasher;
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(nodes / 2, SizeMin, SizeMax));
        _counts = max == 0 ? [] : new byte[size];
    }

    public long MemoryBytes => _counts.Length;

    /// <summary>
    /// Whether so many share a byte that strangers would soon crowd each other: time for <see cref="Grow"/>.
    /// </summary>
    public bool IsSaturated =>
        _max != 0 && _added > (long)_counts.Length * SharersMax && _counts.Length < SizeMax;

    /// <summary>Asks for the count of an address, which is not in the cache when there are millions.</summary>
    public void Prefetch(in Endpoint endpoint)
    {
        if (_max != 0)
        {
            CacheHint.Prefetch(ref CountOf(endpoint));
        }
    }

    /// <summary>Whether the address may be sent one packet more.</summary>
    public bool HasRoom(in Endpoint endpoint) => _max == 0 || CountOf(endpoint) < _max;

    /// <summary>Counts packets to an address.</summary>
    public void Add(in Endpoint endpoint, int times = 1)
    {
        if (_max != 0)
        {
            ref byte count = ref CountOf(endpoint);
            count = (byte)Math.Min(byte.MaxValue, count + times);
            _added += times;
        }
    }

    /// <summary>Takes four times the memory and forgets everything; the caller adds again what it knows.</summary>
    public void Grow()
    {
        _counts = new byte[Math.Min(SizeMax, _counts.Length * 4)];
        _added = 0;
    }

    private ref byte CountOf(in Endpoint endpoint) =>
        ref _counts[(int)(_hasher.HashSite(endpoint) & (ulong)(_counts.Length - 1))];
}
