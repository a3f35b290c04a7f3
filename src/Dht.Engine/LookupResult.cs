using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Engine;

/// <summary>What a lookup brought.</summary>
public sealed record LookupResult
{
    /// <summary>How it ended and what it took.</summary>
    public LookupReport Report { get; init; }

    /// <summary>The nearest contacts that answered, nearest first, the IPv4 ones before the IPv6 ones.</summary>
    public IReadOnlyList<CompactNode> Closest { get; init; } = [];

    /// <summary>Different peers that a search for peers handed out; 65,536 at most.</summary>
    public int DistinctPeers { get; init; }

    /// <summary>Contacts in the node's tables when it ended; null when it never began.</summary>
    internal int? Contacts { get; init; }

    /// <summary>How it ended.</summary>
    public LookupStatus Status => Report.Status;
}
