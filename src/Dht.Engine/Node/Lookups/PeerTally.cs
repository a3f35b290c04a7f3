using Dht.Engine.Addressing;

namespace Dht.Engine.Node;

/// <summary>How many peers a lookup was named, and how many different ones. Kept from one lookup to the next.</summary>
internal sealed class PeerTally
{
    private const int DistinctMax = 65_536;
    private const int CapacityAtFirst = 256;
    private const int KeptMax = 1024;

    private HashSet<Endpoint> _distinct = new(CapacityAtFirst);

    /// <summary>Peers named, repetitions included.</summary>
    public int Count { get; private set; }

    /// <summary>Different peers named, up to 65,536.</summary>
    public int DistinctCount => _distinct.Count;

    public void Clear()
    {
        Count = 0;

        // A torrent with very many peers does not keep its memory.
        _distinct = _distinct.Count > KeptMax ? new HashSet<Endpoint>(CapacityAtFirst) : _distinct;
        _distinct.Clear();
    }

    public void Add(in Endpoint peer)
    {
        Count++;
        if (_distinct.Count < DistinctMax)
        {
            _distinct.Add(peer);
        }
    }
}
