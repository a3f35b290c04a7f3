using Dht.Engine.Invariants;

namespace Dht.Engine.Testing;

/// <content>What must be true of the crawl after each thing that happens to it.</content>
public sealed partial class SimulatedCrawl
{
    // A check walks all nodes. After every step of the smallest crawls, more rarely as they grow.
    private const int NodesPerStep = 128;

    private long _stepsToCheck;

    /// <summary>Checks the crawl, if this step is one of those that are checked.</summary>
    internal void CheckStep()
    {
        if (--_stepsToCheck <= 0)
        {
            CheckInvariants();
            _stepsToCheck = Counters.NodesSeen / NodesPerStep;
        }
    }

    internal void CheckInvariants()
    {
        _crawler.CheckInvariants();
        Invariant.Holds(_found.Count <= Counters.NodesAlive, "only nodes that answered were found");
    }
}
