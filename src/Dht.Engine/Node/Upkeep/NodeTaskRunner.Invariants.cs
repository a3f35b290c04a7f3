using Dht.Engine.Invariants;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <content>What must be true of the schedule.</content>
internal sealed partial class NodeTaskRunner
{
    internal void CheckInvariants()
    {
        if (_version != _tasks.Version)
        {
            // Tasks have changed since, from any thread: the next run looks at all of them.
            return;
        }

        foreach (ref readonly Slot slot in _slots.AsSpan())
        {
            Instant due = slot.IsUrgent ? Instant.Zero : slot.Due;
            Invariant.Holds(_nextDue <= due, "no task is due before the runner looks");
        }
    }
}
