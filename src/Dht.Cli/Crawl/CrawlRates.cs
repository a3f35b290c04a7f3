using Dht.Cli.Output;
using Dht.Engine.Crawling;

namespace Dht.Cli.Crawl;

/// <summary>How fast a crawl asks and is answered, since it was last looked at.</summary>
internal sealed class CrawlRates
{
    private readonly Rate _queries = new();
    private readonly Rate _responses = new();

    public (double Queries, double Responses) Since(in CrawlCounters counters) =>
        (_queries.Since(counters.Queries), _responses.Since(counters.Responses));
}
