using Dht.Engine.Identity;
using Dht.Engine.Invariants;

namespace Dht.Engine.Lookup;

/// <summary>
/// The candidates of a search by their distance from its target, nearest first. A candidate stays in its slot while
/// its place in the order changes. Entry points have no distance and no place.
/// </summary>
/// <remarks>
/// <code>
/// _keys   [ first 64 bits of the distance ]  sorted, by place: searched
/// _order  [ slot                          ]  by place
/// </code>
/// Allocates only when created; one thread.
/// </remarks>
internal sealed partial class CandidateOrder
{
    private readonly CandidateSlots _slots;
    private readonly ulong[] _keys;
    private readonly ushort[] _order;
    private NodeId _target;
    private int _count;

    /// <param name="slots">What the order leads to.</param>
    /// <param name="capacity">The most candidates.</param>
    public CandidateOrder(CandidateSlots slots, int capacity)
    {
        _slots = slots;
        _keys = new ulong[capacity];
        _order = new ushort[capacity];
    }

    public int Count => _count;

    public bool IsFull => _count == _order.Length;

    /// <summary>The slots by place, nearest first; valid until the order changes.</summary>
    public ReadOnlySpan<ushort> Slots => _order.AsSpan(0, _count);

    /// <summary>The slot at a place; 0 is the nearest.</summary>
    public int this[int place] => _order[place];

    /// <summary>Starts an empty order for another target.</summary>
    public void Begin(in NodeId target)
    {
        _target = target;
        _count = 0;
    }

    /// <summary>The first 64 bits of the distance.</summary>
    public ulong KeyOf(in NodeId id) => id.Prefix64 ^ _target.Prefix64;

    /// <summary>Whether an id is nearer than the candidate in a slot.</summary>
    public bool IsNearer(in NodeId id, int slot) =>
        NodeId.CompareDistance(_target, id, _slots[slot].Contact.Id) < 0;

    /// <summary>The place for a newcomer: the first whose candidate is farther. Equal ones come before it.</summary>
    public int PlaceFor(in NodeId id)
    {
        ulong key = KeyOf(id);
        int low = 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_keys[middle] != key ? _keys[middle] > key : IsNearer(id, _order[middle]))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>The place of a candidate.</summary>
    public int PlaceOf(int slot)
    {
        int place = Slots.IndexOf((ushort)slot);
        Invariant.Holds(place >= 0, "a candidate has a place in the order");
        return place;
    }

    /// <summary>Puts a candidate at the place that <see cref="PlaceFor"/> gave. The order is not full.</summary>
    public void Insert(int place, int slot)
    {
        Invariant.Holds(place == PlaceFor(_slots[slot].Contact.Id), "a candidate is put where its distance belongs");
        _order.AsSpan(place, _count - place).CopyTo(_order.AsSpan(place + 1));
        _keys.AsSpan(place, _count - place).CopyTo(_keys.AsSpan(place + 1));
        _order[place] = (ushort)slot;
        _keys[place] = KeyOf(_slots[slot].Contact.Id);
        _count++;
    }

    /// <summary>Gives a candidate another id, and the place that belongs to it.</summary>
    public void Rename(int slot, in NodeId id)
    {
        RemoveAt(PlaceOf(slot));
        _slots.Rename(slot, id);
        Insert(PlaceFor(id), slot);
    }

    /// <summary>Takes the candidate at a place out of the search: its slot is free.</summary>
    public void DropAt(int place)
    {
        int slot = _order[place];
        RemoveAt(place);
        _slots.Release(slot);
    }

    private void RemoveAt(int place)
    {
        _count--;
        _order.AsSpan(place + 1, _count - place).CopyTo(_order.AsSpan(place));
        _keys.AsSpan(place + 1, _count - place).CopyTo(_keys.AsSpan(place));
    }
}
