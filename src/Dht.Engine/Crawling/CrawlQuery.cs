using Dht.Engine.Identity;
using Dht.Engine.Rpc;

namespace Dht.Engine.Crawling;

/// <summary>What the crawler keeps with each open query.</summary>
/// <param name="Node">The handle of the node that was asked.</param>
/// <param name="Proven">Whether the node had answered before.</param>
/// <param name="IsProbe">Whether it asks no more than whether the line works.</param>
internal readonly record struct CrawlQuery(int Node, bool Proven, bool IsProbe = false) : IOpenQuery
{
    /// <summary>Any id will do: the one that was announced is hearsay.</summary>
    public bool Accepts(in NodeId sender) => true;
}
