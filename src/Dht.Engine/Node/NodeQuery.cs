using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>What the node keeps with each open query.</summary>
internal struct NodeQuery
{
    /// <summary>Who wants to hear of the end; null for the node's own upkeep.</summary>
    public IQueryListener? Listener;

    /// <summary>The listener's own mark.</summary>
    public long Cookie;

    /// <summary>The id that must answer, when <see cref="HasExpectedId"/>.</summary>
    public NodeId ExpectedId;

    /// <summary>Whether another id in the answer makes it void.</summary>
    public bool HasExpectedId;

    /// <summary>What was asked.</summary>
    public KrpcMethod Method;
}
