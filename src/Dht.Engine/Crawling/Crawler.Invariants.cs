using Dht.Engine.Invariants;

namespace Dht.Engine.Crawling;

/// <content>What must be true of a crawl between two calls.</content>
public sealed partial class Crawler
{
    /// <summary>Walks everything that the crawl knows; slow.</summary>
    internal void CheckInvariants()
    {
        _frontier.CheckInvariants();
        _queries.CheckInvariants();
        CrawlCounters counters = Counters;
        long ended = counters.Responses + counters.Errors + counters.Timeouts;
        int asking = _frontier.CountAt(CrawlStep.Asking);
        Invariant.Holds(counters.Queries == ended + asking, "every query is open or has ended once");
        Invariant.Holds(_frontier.CountAsked(out long asks) == counters.NodesAlive, "every node alive has answered");
        Invariant.Holds(asks == counters.Queries, "every query was to a known node");
        Invariant.Holds(!IsComplete || NextDeadline == Timing.Instant.Never, "a complete crawl waits for nothing");
    }
}
