using System.Numerics;
using Dht.Engine.Addressing;

namespace Dht.Engine.Crawling;

/// <summary>
/// How many nodes are believed at each IP address, counted in a sketch of fixed size: one byte for all addresses of one keyed hash.
/// It may count too high when addresses share a byte, never too low, so a victim with many ports is always noticed.
/// </summary>
internal sealed class AddressCrowd
{
    private readonly byte[] _counts;
    private readonly EndpointHasher _hasher;
    private readonly int _max;

    /// <param name="nodes">Nodes expected in all: there is a byte for every two, so strangers seldom share one.</param>
    /// <param name="max">Nodes at one address; 0 means no limit.</param>
    public AddressCrowd(int nodes, int max, EndpointHasher hasher)
    {
        _max = max;
        _hasher = hasher;
        _counts = max == 0 ? [] : new byte[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(nodes / 2, 1 << 16, 1 << 24))];
    }

    public long MemoryBytes => _counts.Length;

    public bool HasRoom(in Endpoint endpoint) => _max == 0 || CountOf(endpoint) < _max;

    public void Add(in Endpoint endpoint)
    {
        if (_max != 0)
        {
            CountOf(endpoint)++;
        }
    }

    private ref byte CountOf(in Endpoint endpoint) =>
        ref _counts[(int)(_hasher.HashAddress(endpoint) & (ulong)(_counts.Length - 1))];
}
