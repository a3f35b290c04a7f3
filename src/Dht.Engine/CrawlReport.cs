using Dht.Engine.Crawling;

namespace Dht.Engine;

/// <summary>How a crawl ended.</summary>
/// <param name="Counters">What it did.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="IsComplete">Whether every node was asked; false when it was stopped before.</param>
public readonly record struct CrawlReport(CrawlCounters Counters, TimeSpan Elapsed, bool IsComplete);
