using Dht.Engine.Invariants;

namespace Dht.Engine.Testing;

/// <content>
/// What must be true of a node, and of its place in the network, after each thing that happens to it.
/// </content>
public sealed partial class SimulatedNetwork
{
    // Up to so many nodes every step is checked; beyond, the walk through the tables would be all that a run does.
    private const int CheckedAlwaysMax = 64;
    private const int CheckInterval = 16;

    private int _steps;

    partial void CheckStep(SimulatedNode node)
    {
        // Those that the engine does not run have no state to check, and do not count. A crawl grows by itself, and
        // counts its steps by itself.
        bool isOfEngine = node.Core != null || node.Crawl != null;
        if (!isOfEngine || (node.Crawl == null && _nodes.Count > CheckedAlwaysMax && ++_steps % CheckInterval != 0))
        {
            return;
        }

        node.Core?.CheckInvariants();
        node.Crawl?.CheckStep();
        Invariant.Holds(node.Outbox!.Count == 0 || node.IsStalled, "what a node stages leaves it at once");
        Invariant.Holds(
            !node.IsAlive || node.NextDeadline > Now || node.ScheduledAt <= Now, "what is due is scheduled");
        Invariant.Holds(
            !node.IsAlive || node.ScheduledAt <= node.NextDeadline || node.NextDeadline <= Now,
            "a deadline is never later than its tick");
    }
}
