using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Invariants;

namespace Dht.Engine.Lookup;

/// <content>What must be true of the closest.</content>
internal sealed partial class ClosestAnswered
{
    internal void CheckInvariants()
    {
        Invariant.Holds(Count <= _options.K, "at most k have answered and are kept");
        int last = CandidateSlots.None;
        bool isFreshBeyond = false;
        for (int place = 0; place < _order.Count; place++)
        {
            CandidateState state = _slots.StateOf(_order[place]);
            isFreshBeyond |= state == CandidateState.Fresh;
            if (state == CandidateState.Answered)
            {
                CheckAnswered(place);
                last = _order[place];
                isFreshBeyond = false;
            }
        }

        Invariant.Holds(!IsFull || last == _farthest, "the k-th is the farthest that answered");
        Invariant.Holds(!IsFull || !isFreshBeyond, "nothing fresh is farther than the k-th");
    }

    private void CheckAnswered(int place)
    {
        int slot = _order[place];
        Endpoint endpoint = _slots[slot].Contact.Endpoint;
        NodeId id = _slots[slot].Contact.Id;
        var share = new NetworkShare(endpoint);
        for (int other = 0; other < _order.Count; other++)
        {
            int rival = _order[other];
            CandidateState state = _slots.StateOf(rival);
            bool isSame = rival == slot;
            if (state == CandidateState.Answered && other < place)
            {
                share.Count(_slots[rival].Contact.Endpoint);
            }

            if (!isSame && state is CandidateState.Answered or CandidateState.Fresh)
            {
                Invariant.Holds(_slots[rival].Contact.Id != id, "the id of one that answered is closed");
                Invariant.Holds(
                    _options.AllowSharedAddresses || _slots.SiteHashAt(rival) != _slots.SiteHashAt(slot),
                    "the site of one that answered is closed");
            }
        }

        Invariant.Holds(!HasQuota || !share.IsFull, "no network has more than its share");
    }
}
