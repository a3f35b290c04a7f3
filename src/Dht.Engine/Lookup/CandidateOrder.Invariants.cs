using Dht.Engine.Identity;
using Dht.Engine.Invariants;

namespace Dht.Engine.Lookup;

/// <content>What must be true of the order.</content>
internal sealed partial class CandidateOrder
{
    internal void CheckInvariants()
    {
        int candidates = 0;
        for (CandidateState state = CandidateState.Fresh; state <= CandidateState.Bystander; state++)
        {
            candidates += _slots.CountIn(state);
        }

        // With the two below: every candidate has exactly one place.
        Invariant.Holds(candidates == _count, "there are as many places as candidates");
        for (int place = 0; place < _count; place++)
        {
            int slot = _order[place];
            NodeId id = _slots[slot].Contact.Id;
            Invariant.Holds(
                _slots.StateOf(slot) != CandidateState.Free && !_slots[slot].IsEntry, "a place leads to a candidate");
            Invariant.Holds(PlaceOf(slot) == place, "a candidate has one place");
            Invariant.Holds(_keys[place] == KeyOf(id), "a key is the distance of the candidate beside it");
            Invariant.Holds(
                place == 0 || NodeId.CompareDistance(_target, _slots[_order[place - 1]].Contact.Id, id) <= 0,
                "candidates are in the order of their distance");
        }
    }
}
