using Dht.Engine.Crawling;

namespace Dht.Engine;

/// <summary>How a crawl ended.</summary>
/// <param name="Counters">What it did.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="IsComplete">
/// Whether every node that was named was asked, and again if it was silent, while the line worked, and none was left
/// out for lack of room; otherwise <see cref="Gaps"/> says why not.
/// </param>
public readonly record struct CrawlReport(CrawlCounters Counters, TimeSpan Elapsed, bool IsComplete)
{
    /// <summary>Why it is not complete.</summary>
    public CrawlGaps Gaps { get; init; }

    /// <summary>
    /// Whether there is nothing more to do for now, complete or not. A crawl that goes on until it is stopped asks the
    /// silent and its entries again a minute later, then less and less often.
    /// </summary>
    public bool IsOver { get; init; }
}
