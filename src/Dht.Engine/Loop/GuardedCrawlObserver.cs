using Dht.Engine.Crawling;
using Dht.Engine.Invariants;

namespace Dht.Engine;

/// <summary>
/// A user's observer of a crawl behind a guard: whatever it throws is reported, and the crawl goes on. One that
/// throws instead of saying whether it is ready is taken for one that is not.
/// </summary>
/// <param name="inner">The user's; null when there is no observer.</param>
/// <param name="faults">Where the exceptions go.</param>
internal sealed class GuardedCrawlObserver(ICrawlObserver? inner, UserFaults faults) : ICrawlObserver
{
    public bool IsReady
    {
        get
        {
            try
            {
                return inner?.IsReady ?? true;
            }
            catch (Exception fault) when (fault is not InvariantException)
            {
                faults.Report(fault);
                return false;
            }
        }
    }

    public void OnNode(in CrawledNode node)
    {
        try
        {
            inner?.OnNode(node);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            faults.Report(fault);
        }
    }
}
