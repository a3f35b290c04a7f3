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
        long ended = counters.Responses + counters.Errors + counters.Timeouts + counters.NotSent
            + counters.TakenBack;
        int asking = _frontier.CountAt(CrawlStep.Asking);
        Invariant.Holds(
            counters.Queries == ended + asking + _queries.OpenProbes, "every query is open or has ended once");
        Invariant.Holds(_frontier.CountAsked(out long asks) == counters.NodesAlive, "every node alive has answered");
        long asked = counters.Queries - counters.Probes - _queries.AskedInVain;
        Invariant.Holds(asks == asked, "every query that was asked was to a known node");
        bool waits = NextDeadline != Timing.Instant.Never;
        Invariant.Holds(!_frontier.IsExhausted || !waits, "an exhausted crawl waits for nothing");
    }
}
