using System.Numerics;
using Dht.Engine.Addressing;
using Dht.Engine.Invariants;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Rpc;

/// <summary>
/// Our open queries, each in a slot of one array. A reply finds its slot by the index in its transaction id and
/// counts only if the whole id, the address and the port are those of the query.
/// </summary>
/// <remarks>
/// <code>
/// transaction id, 8 bytes:   [ random, 64 - b bits | slot index, b bits ]      b = log2(capacity)
/// </code>
/// The slot is drawn from those that are free, so that nobody can tell which one the next query takes; of many only
/// from the latest freed, which are in the cache.
///
/// Slots in use hang on one of two lists, each in the order of sending, so that the oldest is always at the head:
/// "open", and "late" for those past their short timeout, which no longer hold a place in a window but may still be
/// answered. Allocates only when created; one thread.
/// </remarks>
/// <typeparam name="TState">What the owner wants to find again with the answer.</typeparam>
internal sealed partial class TransactionTable<TState>
    where TState : struct
{
    /// <summary>The most slots a table can have.</summary>
    public const int CapacityMax = 1 << 16;

    private const int None = -1;

    // Of how many free slots one is drawn: all of a node's, a part of a crawl's.
    private const int DrawnFromMax = 512;

    private readonly Slot[] _slots;
    private readonly IRandomSource _random;
    private readonly int _indexBits;
    private List _open = List.Empty;
    private List _late = List.Empty;

    // The free slots, the latest freed last.
    private readonly int[] _free;
    private int _freeCount;

    /// <summary>Creates a table.</summary>
    /// <param name="capacity">The most queries open at once, 1 to 65,536.</param>
    /// <param name="random">Where the unpredictable part of the ids comes from.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is out of range.</exception>
    public TransactionTable(int capacity, IRandomSource random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, CapacityMax);
        ArgumentNullException.ThrowIfNull(random);
        _random = random;
        _slots = new Slot[capacity];
        _free = new int[capacity];
        _freeCount = capacity;
        _indexBits = Math.Max(1, BitOperations.Log2((uint)capacity - 1) + 1);
        for (int i = 0; i < capacity; i++)
        {
            _free[i] = capacity - 1 - i;
            _slots[i].Phase = TransactionPhase.Free;
        }
    }

    /// <summary>The bound.</summary>
    public int Capacity => _slots.Length;

    /// <summary>Queries that await an answer, the late ones included.</summary>
    public int Count => _open.Count + _late.Count;

    /// <summary>Queries within their short timeout.</summary>
    public int OpenCount => _open.Count;

    /// <summary>Takes a slot for a query that is sent now; false when all are taken.</summary>
    /// <param name="id">The transaction id; write it with <see cref="TransactionId.Write"/>.</param>
    public bool TryOpen(in Endpoint destination, Instant now, in TState state, out ulong id)
    {
        id = 0;
        if (_freeCount == 0)
        {
            return false;
        }

        // Drawn first: a random source that throws must not cost a slot. The bits that the index leaves no room for say
        // which of the free slots it is.
        ulong drawn = _random.NextUInt64();
        ulong generation = drawn << _indexBits;
        ulong choice = (drawn >> (64 - _indexBits)) * (ulong)Math.Min(_freeCount, DrawnFromMax);
        int place = _freeCount - 1 - (int)(choice >> _indexBits);
        int index = _free[place];
        ref Slot slot = ref _slots[index];
        Invariant.Holds(slot.Phase == TransactionPhase.Free, "only a free slot is taken");
        _free[place] = _free[--_freeCount];
        if ((generation | (uint)index) == slot.Id)
        {
            // The very id of this slot's last query: a duplicate of its answer must not match.
            generation += 1ul << _indexBits;
        }

        slot.Id = generation | (uint)index;
        slot.Destination = destination;

        // The lists are in the order of sending, even if a caller hands in an instant that is past.
        slot.SentAt = _open.Tail != None && _slots[_open.Tail].SentAt > now ? _slots[_open.Tail].SentAt : now;
        slot.State = state;
        slot.Phase = TransactionPhase.Open;
        Append(ref _open, index);
        id = slot.Id;
        return true;
    }

    /// <summary>Finds the query that a reply answers. The slot stays taken; the caller closes it.</summary>
    public TransactionMatch TryMatch(ReadOnlySpan<byte> transactionId, in Endpoint source, out int slot)
    {
        slot = None;
        if (!TransactionId.TryRead(transactionId, out ulong id) || !TryFind(id, out int found))
        {
            return TransactionMatch.Unknown;
        }

        if (_slots[found].Destination != source)
        {
            return TransactionMatch.WrongSource;
        }

        slot = found;
        return TransactionMatch.Found;
    }

    /// <summary>Finds the slot of an open query by its id.</summary>
    public bool TryFind(ulong id, out int slot)
    {
        slot = SlotOf(id);
        return (uint)slot < (uint)_slots.Length
            && _slots[slot].Phase != TransactionPhase.Free
            && _slots[slot].Id == id;
    }

    /// <summary>The slot that a transaction id of ours names.</summary>
    internal int SlotOf(ulong id) => (int)(id & ((1ul << _indexBits) - 1));

    /// <summary>What the owner keeps with a taken slot.</summary>
    public ref TState State(int slot) => ref Taken(slot).State;

    /// <summary>Where the query of a taken slot went.</summary>
    public Endpoint Destination(int slot) => Taken(slot).Destination;

    /// <summary>When the query of a taken slot was sent.</summary>
    public Instant SentAt(int slot) => Taken(slot).SentAt;

    /// <summary>Whether a taken slot is past its short timeout.</summary>
    public bool IsLate(int slot) => Taken(slot).Phase == TransactionPhase.Late;

    /// <summary>Frees a taken slot.</summary>
    public void Close(int slot)
    {
        ref Slot taken = ref Taken(slot);
        Unlink(ref taken.Phase == TransactionPhase.Open ? ref _open : ref _late, slot);
        taken.Phase = TransactionPhase.Free;
        taken.State = default;
        _free[_freeCount++] = slot;
    }

    /// <summary>
    /// Marks the oldest open query as late if it was sent at or before <paramref name="sentBefore"/>; false when
    /// there is none. Call until false.
    /// </summary>
    public bool TryMarkLate(Instant sentBefore, out int slot)
    {
        slot = _open.Head;
        if (slot == None || _slots[slot].SentAt > sentBefore)
        {
            return false;
        }

        Invariant.Holds(_slots[slot].Phase == TransactionPhase.Open, "only an open query becomes late");
        Unlink(ref _open, slot);
        _slots[slot].Phase = TransactionPhase.Late;
        Append(ref _late, slot);
        return true;
    }

    /// <summary>
    /// Finds the oldest query, late or not, if it was sent at or before <paramref name="sentBefore"/>; false when
    /// there is none. The caller closes it, and calls until false.
    /// </summary>
    public bool TryGetExpired(Instant sentBefore, out int slot)
    {
        slot = Oldest();
        return slot != None && _slots[slot].SentAt <= sentBefore;
    }

    /// <summary>When the oldest query was sent, or <see cref="Instant.Never"/>.</summary>
    public Instant OldestSentAt() => Oldest() is var slot && slot != None ? _slots[slot].SentAt : Instant.Never;

    /// <summary>When the oldest query that is not late was sent, or <see cref="Instant.Never"/>.</summary>
    public Instant OldestOpenSentAt() => _open.Head != None ? _slots[_open.Head].SentAt : Instant.Never;

    private int Oldest() =>
        _late.Head == None ? _open.Head
        : _open.Head == None || _slots[_late.Head].SentAt <= _slots[_open.Head].SentAt ? _late.Head
        : _open.Head;

    private ref Slot Taken(int slot)
    {
        ref Slot found = ref _slots[slot];
        if (found.Phase == TransactionPhase.Free)
        {
            ThrowFree(slot);
        }

        return ref found;
    }

    private static void ThrowFree(int slot) =>
        throw new InvalidOperationException($"Transaction slot {slot} is not in use.");

    private void Append(ref List list, int index)
    {
        ref Slot slot = ref _slots[index];
        Invariant.Holds(slot.Phase != TransactionPhase.Free, "only a taken slot hangs on a list");
        Invariant.Holds(
            list.Tail == None || _slots[list.Tail].SentAt <= slot.SentAt, "a list is in the order of sending");
        slot.Previous = list.Tail;
        slot.Next = None;
        if (list.Tail == None)
        {
            list.Head = index;
        }
        else
        {
            _slots[list.Tail].Next = index;
        }

        list.Tail = index;
        list.Count++;
    }

    private void Unlink(ref List list, int index)
    {
        ref Slot slot = ref _slots[index];
        Invariant.Holds(list.Count > 0, "a slot comes off a list that has it");
        Invariant.Holds(
            (slot.Previous == None ? list.Head : _slots[slot.Previous].Next) == index, "the link before leads here");
        Invariant.Holds(
            (slot.Next == None ? list.Tail : _slots[slot.Next].Previous) == index, "the link after leads back");
        if (slot.Previous == None)
        {
            list.Head = slot.Next;
        }
        else
        {
            _slots[slot.Previous].Next = slot.Next;
        }

        if (slot.Next == None)
        {
            list.Tail = slot.Previous;
        }
        else
        {
            _slots[slot.Next].Previous = slot.Previous;
        }

        list.Count--;
    }

    private struct Slot
    {
        public Endpoint Destination;
        public Instant SentAt;
        public ulong Id;
        public int Previous;
        public int Next;
        public TransactionPhase Phase;
        public TState State;
    }

    private struct List
    {
        public static readonly List Empty = new() { Head = None, Tail = None };

        public int Head;
        public int Tail;
        public int Count;
    }
}
