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
    /// More places to begin, such as names that are resolved again: called, not on the loop's thread, when a crawl that
    /// goes on until it is stopped has asked everybody. Null, without <see cref="Start"/>, resolves the names of the
    /// engine's bootstrap nodes and routers. What it throws is counted and reported.
    /// </summary>
    public Func<Task<IReadOnlyList<Endpoint>>>? FindStart { get; init; }

    /// <summary>
    /// Whether to end when every node has been asked, or the line is down for longer than
    /// <see cref="CrawlOptions.OfflineMax"/>. Otherwise it goes on until it is stopped: when everybody has been asked,
    /// it asks the silent and those that it began at again after a minute, then less and less often.
    /// </summary>
    public bool UntilComplete { get; init; } = true;

    /// <summary>Ends once so many nodes have answered; 0 means no limit.</summary>
    public long NodesMax { get; init; }
}
