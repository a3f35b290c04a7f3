using Dht.Engine.Invariants;

namespace Dht.Engine.Crawling;

/// <content>What must be true of the open queries.</content>
internal sealed partial class CrawlQueries
{
    /// <summary>Exactly the nodes with an open query are being asked.</summary>
    internal void CheckInvariants()
    {
        _desk.CheckInvariants();
        foreach (CrawlQuery query in _desk.Queries())
        {
            KnownNode node = _frontier[query.Node];
            Invariant.Holds(node.State.Step == CrawlStep.Asking, "a node with an open query is being asked");
            Invariant.Holds(node.State.HasAnswered == query.Proven, "a query knows whether its node had answered");
        }

        int asking = _frontier.CountAt(CrawlStep.Asking);
        Invariant.Holds(asking == _desk.Count, "a node that is being asked has one open query");
        Invariant.Holds(Sent >= Expired + _desk.Count, "a query that expired was sent");
    }
}
