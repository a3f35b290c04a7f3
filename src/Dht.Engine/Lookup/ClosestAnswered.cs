using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Lookup;

/// <summary>
/// The closest of those that answered: at most k, of each network at most its share, and nothing fresh that is farther
/// than the k-th.
/// </summary>
internal sealed partial class ClosestAnswered
{
    private readonly CandidateSetOptions _options;
    private readonly CandidateSlots _slots;
    private readonly CandidateOrder _order;

    // Of the k-th; means nothing while there are fewer.
    private int _farthest;

    public ClosestAnswered(CandidateSetOptions options, CandidateSlots slots, CandidateOrder order)
    {
        _options = options;
        _slots = slots;
        _order = order;
    }

    public int Count => _slots.CountIn(CandidateState.Answered);

    /// <summary>Whether there are k.</summary>
    public bool IsFull => Count >= _options.K;

    /// <summary>The first 64 bits of the distance of the k-th; there are k.</summary>
    public ulong FarthestKey => _order.KeyOf(_slots[_farthest].Contact.Id);

    private bool HasQuota => _options.LimitsNetworks && !_options.AllowSharedAddresses;

    /// <summary>Copies as many as fit, nearest first; how many.</summary>
    public int CopyTo(Span<CompactNode> destination)
    {
        int written = 0;
        int end = Math.Min(destination.Length, Count);
        for (int place = 0; written < end; place++)
        {
            int slot = _order[place];
            if (_slots.StateOf(slot) == CandidateState.Answered)
            {
                destination[written++] = _slots[slot].Contact;
            }
        }

        return written;
    }

    /// <summary>The slot of one of them; 0 is the nearest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in 0 to <see cref="Count"/> - 1.</exception>
    public int SlotAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        for (int place = 0; ; place++)
        {
            if (_slots.StateOf(_order[place]) == CandidateState.Answered && index-- == 0)
            {
                return _order[place];
            }
        }
    }

    /// <summary>Whether an id is too far for the closest: there are k, and it is not nearer than the k-th.</summary>
    public bool IsBeyond(in NodeId id) => IsFull && !_order.IsNearer(id, _farthest);

    /// <summary>Whether a candidate in a state is nearer than the k-th; there are k.</summary>
    public bool IsAnyNearer(CandidateState state)
    {
        foreach (ushort slot in _order.Slots)
        {
            if (slot == _farthest)
            {
                break;
            }

            if (_slots.StateOf(slot) == state)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether those that are nearer than a place leave no share for an endpoint.</summary>
    public bool IsNetworkFull(in Endpoint endpoint, int place)
    {
        if (!HasQuota)
        {
            return false;
        }

        var share = new NetworkShare(endpoint);
        for (int nearer = 0; nearer < place && !share.IsFull; nearer++)
        {
            int slot = _order[nearer];
            if (_slots.StateOf(slot) == CandidateState.Answered)
            {
                share.Count(_slots[slot].Contact.Endpoint);
            }
        }

        return share.IsFull;
    }

    /// <summary>Enters a candidate that answered, and drops what has become useless by it.</summary>
    public void Enter(int slot)
    {
        _slots.Move(slot, CandidateState.Answered);
        if (HasQuota)
        {
            DropBeyondQuota(_slots[slot].Contact.Endpoint);
        }

        if (IsFull)
        {
            Narrow();
        }
    }

    /// <summary>
    /// Keeps a candidate that answered and is no result, while it is nearer than the k-th: the k nearest such, for
    /// there may be any number.
    /// </summary>
    public void Watch(int slot)
    {
        _slots.Move(slot, CandidateState.Bystander);
        if (IsFull)
        {
            Narrow();
        }

        int place = _order.Count - 1;
        for (; _slots.CountIn(CandidateState.Bystander) > _options.K; place--)
        {
            if (_slots.StateOf(_order[place]) == CandidateState.Bystander)
            {
                _order.DropAt(place);
            }
        }
    }

    /// <summary>
    /// Drops what is of one of the blocks around an endpoint and beyond its share: by distance, so that haste wins
    /// nothing. The smallest first: what it drops takes no place of the larger ones.
    /// </summary>
    private void DropBeyondQuota(in Endpoint endpoint)
    {
        for (NetworkBlock block = NetworkBlock.Network; block > NetworkBlock.None; block--)
        {
            int last = PlaceOfLast(endpoint, block);
            for (int place = _order.Count - 1; place > last; place--)
            {
                int slot = _order[place];
                if (_slots.StateOf(slot) is CandidateState.Fresh or CandidateState.Answered
                    && _slots[slot].Contact.Endpoint.CommonBlock(endpoint) >= block)
                {
                    _order.DropAt(place);
                }
            }
        }
    }

    /// <summary>The place where the share of a block around an endpoint is used up; the end when it is not.</summary>
    private int PlaceOfLast(in Endpoint endpoint, NetworkBlock block)
    {
        int left = NetworkShare.Of(block);
        for (int place = 0; place < _order.Count; place++)
        {
            int slot = _order[place];
            if (_slots.StateOf(slot) == CandidateState.Answered
                && _slots[slot].Contact.Endpoint.CommonBlock(endpoint) >= block && --left == 0)
            {
                return place;
            }
        }

        return _order.Count;
    }

    /// <summary>Keeps the k closest, and nothing fresh that is farther than the k-th.</summary>
    private void Narrow()
    {
        int place = _order.Count - 1;
        for (; Count > _options.K || _slots.StateOf(_order[place]) != CandidateState.Answered; place--)
        {
            if (_slots.StateOf(_order[place])
                is CandidateState.Fresh or CandidateState.Answered or CandidateState.Bystander)
            {
                _order.DropAt(place);
            }
        }

        _farthest = _order[place];
    }
}
