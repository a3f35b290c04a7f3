using Dht.Engine.Invariants;

namespace Dht.Engine.Rpc;

/// <content>What must be true of the lists that the slots hang on.</content>
internal sealed partial class TransactionTable<TState>
{
    /// <summary>
    /// Walks all lists: every slot hangs on exactly one, links lead back, and each list is in the order of sending.
    /// </summary>
    internal void CheckInvariants()
    {
        // On the stack: simulations that measure what is allocated check this, too.
        Span<ulong> seen = stackalloc ulong[CapacityMax / 64];
        seen.Clear();
        foreach (int index in _free.AsSpan(0, _freeCount))
        {
            Invariant.Holds(_slots[index].Phase == TransactionPhase.Free, "a slot on the free list is free");
            Invariant.Holds((seen[index >> 6] >> index & 1) == 0, "a slot is on the free list once");
            seen[index >> 6] |= 1ul << index;
        }

        CheckList(_open, TransactionPhase.Open);
        CheckList(_late, TransactionPhase.Late);
        Invariant.Holds(_freeCount + _open.Count + _late.Count == _slots.Length, "every slot hangs on one list");
    }

    /// <summary>What the owner keeps with each taken slot.</summary>
    internal IEnumerable<TState> TakenStates() => _slots
        .Where(static slot => slot.Phase != TransactionPhase.Free)
        .Select(static slot => slot.State);

    private void CheckList(in List list, TransactionPhase phase)
    {
        int count = 0;
        int previous = None;
        for (int index = list.Head; index != None; index = _slots[index].Next)
        {
            ref readonly Slot slot = ref _slots[index];
            Invariant.Holds(slot.Phase == phase, "a slot is in the phase of its list");
            Invariant.Holds(slot.Previous == previous, "a link leads back");
            Invariant.Holds(
                previous == None || _slots[previous].SentAt <= slot.SentAt, "a list is in the order of sending");
            Invariant.Holds(SlotOf(slot.Id) == index, "an id names its slot");
            Invariant.Holds(++count <= list.Count, "a list is as long as its count");
            previous = index;
        }

        Invariant.Holds(count == list.Count && previous == list.Tail, "a list ends at its tail");
    }
}
