using Dht.Engine.Identity;
using Dht.Engine.Rpc;

namespace Dht.Engine.Node;

/// <summary>What the node keeps with each open query.</summary>
/// <param name="Expected">The contact that it asks.</param>
/// <param name="Listener">Notified of the end; null for the node's own upkeep.</param>
/// <param name="Cookie">The listener's own mark.</param>
internal readonly record struct NodeQuery(Expectation Expected, IQueryListener? Listener, long Cookie) : IOpenQuery
{
    public bool Accepts(in NodeId sender) => Expected.Accepts(sender);
}
