using Dht.Engine.Crawling;

namespace Dht.Engine;

/// <summary>All figures that meters show, of about one moment.</summary>
/// <param name="Counters">The engine's.</param>
/// <param name="OpenQueries">Queries of the node that await an answer.</param>
/// <param name="Crawl">The crawl's; null when none is under way.</param>
internal readonly record struct EngineReading(DhtEngineCounters Counters, int OpenQueries, CrawlCounters? Crawl);
