using Dht.Engine.Invariants;

namespace Dht.Engine.Lookup;

/// <content>What must be true of the slots, their states and their counts.</content>
internal sealed partial class CandidateSlots
{
    internal void CheckInvariants()
    {
        Span<int> counts = stackalloc int[2 * StateCount];
        counts.Clear();
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            CandidateState state = _states[slot];
            bool isFree = state == CandidateState.Free;
            counts[(_slots[slot].IsEntry && !isFree ? StateCount : 0) + (int)state]++;
            Invariant.Holds(isFree == (_endpointHashes[slot] == 0), "an endpoint hash is 0 where a slot is free");
            if (isFree)
            {
                Invariant.Holds(_siteHashes[slot] + _blockHashes[slot] == 0, "a free slot is of no site");
            }
            else
            {
                CheckUsed(slot, state);
            }
        }

        Invariant.Holds(counts.SequenceEqual(_counts), "as many are in each state as are counted");
        CheckFreeList();
    }

    private void CheckUsed(int slot, CandidateState state)
    {
        ref readonly CandidateSlot kept = ref _slots[slot];
        ulong site = kept.IsEntry ? 0 : SiteHashOf(kept.Contact.Endpoint);
        ulong hash = HashOf(kept.Contact.Endpoint);
        Invariant.Holds(_endpointHashes[slot] == hash, "an endpoint hash is that of the contact");
        Invariant.Holds(_siteHashes[slot] == site, "a site hash is that of the contact, and 0 for an entry point");
        Invariant.Holds(
            !_endpointHashes.AsSpan(slot + 1).Contains(_endpointHashes[slot]), "an endpoint is a candidate only once");
        Invariant.Holds(
            _blockHashes[slot] == (kept.IsEntry ? 0 : BlockHashOf(kept.Contact.Endpoint)),
            "a block hash is that of the contact, and 0 for an entry point");
        Invariant.Holds(
            !kept.IsEntry || state is not (CandidateState.Answered or CandidateState.Bystander),
            "an entry point has no answered state");
        Invariant.Holds(
            kept.TokenLength == 0 || state == CandidateState.Answered, "only one that answered has a token");
        Invariant.Holds(kept.TokenLength <= TokenSizeMax, "a token fits its place");
        Invariant.Holds(kept.Serial != 0, "a handle is not 0");
        Invariant.Holds(TryFind(CandidateAt(slot).Handle, out int found) && found == slot, "a handle names its slot");
    }

    private void CheckFreeList()
    {
        ReadOnlySpan<ushort> free = _freeSlots.AsSpan(0, FreeCount);
        for (int i = 0; i < free.Length; i++)
        {
            Invariant.Holds(_states[free[i]] == CandidateState.Free, "a slot on the free list is free");
            Invariant.Holds(!free[(i + 1)..].Contains(free[i]), "a slot is on the free list only once");
        }
    }
}
