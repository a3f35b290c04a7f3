using Dht.Engine.Invariants;

namespace Dht.Engine.Crawling;

/// <content>What must be true of one family.</content>
internal sealed partial class FamilyFrontier
{
    /// <summary>Exactly the nodes before the cursor have been taken to be asked.</summary>
    internal void CheckInvariants()
    {
        Known.CheckInvariants();
        Invariant.Holds((uint)_cursor <= (uint)Known.Count, "the cursor is within the known set");
        Invariant.Holds(0 <= _scan && _scan <= _scanEnd && _scanEnd <= Known.Count, "the scan is within the known set");
        for (int index = 0; index < Known.Count; index++)
        {
            CrawlStep step = Known[index].State.Step;
            Invariant.Holds(step == CrawlStep.Heard == index >= _cursor, "the cursor parts the asked from the heard");
        }
    }
}
