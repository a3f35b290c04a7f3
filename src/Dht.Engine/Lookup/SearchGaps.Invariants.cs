using Dht.Engine.Invariants;

namespace Dht.Engine.Lookup;

/// <content>What must be true of the gaps.</content>
internal sealed partial class SearchGaps
{
    internal void CheckInvariants() =>
        Invariant.Holds(_silent >= 0 && _silent <= _schedule.SentCount, "no more are silent than were asked");
}
