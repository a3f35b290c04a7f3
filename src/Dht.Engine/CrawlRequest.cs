using Dht.Engine.Addressing;
using Dht.Engine.Crawling;

namespace Dht.Engine;

/// <summary>What an engine is asked to crawl.</summary>
public sealed record CrawlRequest
{
    /// <summary>
    /// Where to begin; empty means the bootstrap nodes and routers of the engine, with their names as far as they are
    /// resolved.
    /// </summary>
    public IReadOnlyList<Endpoint> Start { get; init; } = [];

    /// <summary>
    /// Settings of the crawler. Its id is that of the engine's node unless set here, and it is read-only if the node
    /// is.
    /// </summary>
    public CrawlOptions Options { get; init; } = new();

    /// <summary>Notified of what is found, on the loop's thread; null only counts.</summary>
    public ICrawlObserver? Observer { get; init; }

    /// <summary>
    /// Whether to end when every node has been asked; otherwise it goes on listening until it is stopped.
    /// </summary>
    public bool UntilComplete { get; init; } = true;

    /// <summary>Ends once so many nodes have answered; 0 means no limit.</summary>
    public long NodesMax { get; init; }
}
