using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Engine.Testing;

/// <summary>A lookup of a simulated node, and what it found. Filled while the network runs.</summary>
public sealed class SimulatedLookup : ILookupListener
{
    private readonly HashSet<Endpoint> _seen = [];
    private readonly List<Endpoint> _peers = [];
    private CompactNode[] _closest = [];

    internal SimulatedLookup(SimulatedNode node) => Node = node;

    /// <summary>The node that runs it.</summary>
    public SimulatedNode Node { get; }

    /// <summary>For cancelling it by <see cref="MainlineNode.CancelLookup"/>.</summary>
    public LookupHandle Handle { get; internal set; }

    /// <summary>Whether it has ended.</summary>
    public bool IsFinished => EndCount > 0;

    /// <summary>How often its end was reported: 1 when all is well.</summary>
    public int EndCount { get; private set; }

    /// <summary>How it went, once it has ended.</summary>
    public LookupReport Report { get; private set; }

    /// <summary>
    /// The nearest contacts that answered, nearest first, the IPv4 ones before the IPv6 ones; once it has ended.
    /// </summary>
    public IReadOnlyList<CompactNode> Closest => _closest;

    /// <summary>The peers that were named, each once, in the order of arrival.</summary>
    public IReadOnlyList<Endpoint> Peers => _peers;

    void ILookupListener.OnPeers(CompactPeers peers, in Endpoint source, long cookie)
    {
        foreach (Endpoint peer in peers)
        {
            if (_seen.Add(peer))
            {
                _peers.Add(peer);
            }
        }
    }

    void ILookupListener.OnFinished(in LookupReport report, ReadOnlySpan<CompactNode> closest, long cookie) =>
        End(report, closest);

    internal void End(in LookupReport report, ReadOnlySpan<CompactNode> closest)
    {
        EndCount++;
        Report = report;
        _closest = closest.ToArray();
    }
}
