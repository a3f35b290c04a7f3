using Dht.Engine.Addressing;

namespace Dht.Engine.Node;

/// <summary>How many peers a lookup was named, and how many different ones. Kept from one lookup to the next.</summary>
internal sealed class PeerTally
{
    private const int DistinctMax = 65_536;
    private const int KeptMax = 1024;

    private HashSet<Endpoint>? _distinct;

    /// <summary>Peers named, repetitions included.</summary>
    public int Count { get; private set; }

    /// <summary>Different peers named, up to 65,536.</summary>
    public int DistinctCount => _distinct?.Count ?? 0;

    public void Clear()
    {
        Count = 0;

        // A torrent with very many peers does not keep its memory.
        _distinct = _distinct?.Count > KeptMax ? null : _distinct;
        _distinct?.Clear();
    }

    public void Add(in Endpoint peer)
    {
        Count++;
        _distinct ??= new HashSet<Endpoint>(KeptMax);
        if (_distinct.Count < DistinctMax)
        {
            _distinct.Add(peer);
        }
    }
}
