using Dht.Engine.Invariants;

namespace Dht.Engine.Node;

/// <content>What must be true of the places.</content>
internal sealed partial class NodeLookups
{
    internal void CheckInvariants()
    {
        int active = 0;
        int upkeep = 0;
        for (int i = 0; i < _places.Length; i++)
        {
            if (_places[i] is not { } lookup)
            {
                continue;
            }

            Invariant.Holds(lookup.Slot == i, "a lookup knows its place");
            active += lookup.IsActive ? 1 : 0;
            upkeep += lookup is { IsActive: true, Kind: LookupKind.Upkeep } ? 1 : 0;
            Invariant.Holds(
                !lookup.IsActive || NextDue <= lookup.RetryAt, "no lookup is to go on before all are looked at");
            lookup.CheckInvariants();
        }

        Invariant.Holds(active == Count, "each active lookup has a place that is not free");
        Invariant.Holds(upkeep == UpkeepCount, "the node's own lookups are counted");
        foreach (int place in _free)
        {
            Invariant.Holds(_places[place] is not { IsActive: true }, "no lookup is active in a free place");
        }
    }
}
