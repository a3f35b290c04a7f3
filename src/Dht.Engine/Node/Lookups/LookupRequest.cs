using Dht.Engine.Identity;

namespace Dht.Engine.Node;

/// <summary>What is looked up.</summary>
public readonly record struct LookupRequest
{
    /// <summary>What it is for.</summary>
    public LookupKind Kind { get; init; }

    /// <summary>What is searched for; of a torrent its infohash.</summary>
    public NodeId Target { get; init; }

    /// <summary>
    /// Where the announced peer listens; 0 asks the nodes to take the source port of the datagram. Only for announcing.
    /// </summary>
    public ushort Port { get; init; }

    /// <summary>Notified of what is found and how it ended; null for no notification.</summary>
    public ILookupListener? Listener { get; init; }

    /// <summary>Handed back to the listener.</summary>
    public long Cookie { get; init; }
}
