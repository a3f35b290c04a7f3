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
        int free = 0;
        for (int index = _free; index != None; index = _slots[index].Next)
        {
            Invariant.Holds(_slots[index].Phase == TransactionPhase.Free, "a slot on the free list is free");
            Invariant.Holds(++free <= _slots.Length, "the free list ends");
        }

        CheckList(_open, TransactionPhase.Open);
        CheckList(_late, TransactionPhase.Late);
        Invariant.Holds(free + _open.Count + _late.Count == _slots.Length, "every slot hangs on one list");
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
            Invariant.Holds((slot.Id & ((1u << _indexBits) - 1)) == index, "an id names its slot");
            Invariant.Holds(++count <= list.Count, "a list is as long as its count");
            previous = index;
        }

        Invariant.Holds(count == list.Count && previous == list.Tail, "a list ends at its tail");
    }
}
