using Dht.Engine.Crawling;
using Dht.Engine.Timing;
using Microsoft.Extensions.Logging;

namespace Dht.Engine;

/// <summary>
/// What a crawl needs of the loop that carries it. On the loop's thread, except for <see cref="Wake"/>.
/// </summary>
internal interface ICrawlHost
{
    /// <summary>Where to write what a user must know of a crawl.</summary>
    ILogger Log { get; }

    /// <summary>Where exceptions of user code go.</summary>
    UserFaults Faults { get; }

    /// <summary>Whether a crawl is under way.</summary>
    bool IsCrawling { get; }

    /// <summary>Creates a crawler that sends over the loop's socket.</summary>
    Crawler CreateCrawler(CrawlOptions options, ICrawlObserver observer, Instant now);

    /// <summary>Takes a crawl into the loop, until it is over.</summary>
    void Attach(ILoopCrawl crawl);

    /// <summary>Wakes the loop; from any thread.</summary>
    void Wake();
}
