using Dht.Engine.Invariants;

namespace Dht.Engine.Crawling;

/// <content>What must be true of the open queries.</content>
internal sealed partial class CrawlQueries
{
    /// <summary>Exactly the nodes with an open query are being asked.</summary>
    internal void CheckInvariants()
    {
        _desk.CheckInvariants();
        int probes = 0;
        foreach (CrawlQuery query in _desk.Queries())
        {
            KnownNode node = _frontier[query.Node];
            probes += query.IsProbe ? 1 : 0;
            if (query.IsProbe)
            {
                Invariant.Holds(node.State.HasAnswered, "only a node that has answered is probed");
                continue;
            }

            Invariant.Holds(node.State.Step == CrawlStep.Asking, "a node with an open query is being asked");
            Invariant.Holds(node.State.HasAnswered == query.Proven, "a query knows whether its node had answered");
        }

        int asking = _frontier.CountAt(CrawlStep.Asking);
        Invariant.Holds(probes == OpenProbes, "probes that are open are counted");
        Invariant.Holds(asking == _desk.Count - probes, "a node that is being asked has one open query");
        Invariant.Holds(Sent >= Expired + TakenBack + NotSent + _desk.Count, "a query that ended was staged");
    }
}
