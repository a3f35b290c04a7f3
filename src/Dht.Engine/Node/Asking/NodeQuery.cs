using Dht.Engine.Identity;

namespace Dht.Engine.Node;

/// <summary>What the node keeps with each open query.</summary>
internal struct NodeQuery
{
    /// <summary>Who wants to hear of the end; null for the node's own upkeep.</summary>
    public IQueryListener? Listener;

    /// <summary>The listener's own mark.</summary>
    public long Cookie;

    /// <summary>The id that was asked, when <see cref="HasExpectedId"/>: if it stays silent, its contact has failed.</summary>
    public NodeId ExpectedId;

    /// <summary>Whether it is known whom we asked.</summary>
    public bool HasExpectedId;

    /// <summary>Whether another id in the answer makes it void. A lookup takes an answer from whoever lives at the endpoint.</summary>
    public bool InsistsOnId;
}
