using Dht.Engine.Identity;

namespace Dht.Engine.Lookup;

/// <content>The candidates in the order of their distance.</content>
public sealed partial class CandidateSet
{
    private ulong KeyOf(in NodeId id) => id.Prefix64 ^ _target.Prefix64;

    /// <summary>The first place whose candidate is farther: equal ones come before.</summary>
    private int PlaceBehind(in NodeId id, ulong key)
    {
        int low = 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (IsFarther(middle, id, key))
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

    private bool IsFarther(int place, in NodeId id, ulong key) =>
        _keys[place] != key ? _keys[place] > key : NodeId.CompareDistance(_target, _slots[_order[place]].Contact.Id, id) > 0;

    private int PlaceOf(int slot) => _order.AsSpan(0, _count).IndexOf((ushort)slot);

    private void InsertAt(int place, int slot, ulong key)
    {
        _order.AsSpan(place, _count - place).CopyTo(_order.AsSpan(place + 1));
        _keys.AsSpan(place, _count - place).CopyTo(_keys.AsSpan(place + 1));
        _order[place] = (ushort)slot;
        _keys[place] = key;
        _count++;
    }

    private void TakeOutAt(int place)
    {
        _count--;
        _order.AsSpan(place + 1, _count - place).CopyTo(_order.AsSpan(place));
        _keys.AsSpan(place + 1, _count - place).CopyTo(_keys.AsSpan(place));
    }

    /// <summary>Takes a candidate that is neither in flight nor answered, or not any more, out of the search.</summary>
    private void DropAt(int place)
    {
        int slot = _order[place];
        _fresh -= _slots[slot].State == CandidateState.Fresh ? 1 : 0;
        _late -= _slots[slot].State == CandidateState.Late ? 1 : 0;
        TakeOutAt(place);
        FreeSlot(slot);
    }

    /// <summary>
    /// Makes room in a full set for a newcomer: the farthest fresh one goes, if it is farther. With none fresh, the one that has been
    /// late the longest goes, which is as good as dead; so silent made-up contacts cannot shut the set.
    /// </summary>
    private bool TryMakeRoom(ref int place)
    {
        int victim = None;
        if (_fresh > 0)
        {
            for (victim = _count - 1; _slots[_order[victim]].State != CandidateState.Fresh; victim--)
            {
            }

            if (victim < place)
            {
                return false;
            }
        }
        else
        {
            for (int i = 0; i < _count; i++)
            {
                ref readonly CandidateSlot slot = ref _slots[_order[i]];
                if (slot.State == CandidateState.Late && (victim == None || slot.AskedAs < _slots[_order[victim]].AskedAs))
                {
                    victim = i;
                }
            }

            if (victim == None)
            {
                return false;
            }

            FailedCount++;
        }

        DropAt(victim);
        place -= victim < place ? 1 : 0;
        return true;
    }
}
