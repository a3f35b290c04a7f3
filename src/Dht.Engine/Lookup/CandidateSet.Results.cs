using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Lookup;

/// <content>Who has answered: at most k are kept, and nothing fresh behind the k-th.</content>
public sealed partial class CandidateSet
{
    private int _answered;
    private int _farthestAnswered;

    /// <summary>How many of the closest there are so far: those that answered, at most k.</summary>
    public int ClosestCount => _answered;

    /// <summary>Tokens that were too long to keep.</summary>
    public int TokensRefusedCount { get; private set; }

    /// <summary>The k closest that answered, nearest first.</summary>
    /// <param name="destination">Takes as many as fit.</param>
    /// <returns>How many were written.</returns>
    public int CopyClosest(Span<CompactNode> destination)
    {
        int written = 0;
        for (int place = 0; place < _count && written < Math.Min(destination.Length, _answered); place++)
        {
            ref readonly CandidateSlot slot = ref _slots[_order[place]];
            if (slot.State == CandidateState.Answered)
            {
                destination[written++] = slot.Contact;
            }
        }

        return written;
    }

    /// <summary>Whether a candidate is one of the closest that answered so far.</summary>
    public bool IsAmongClosest(long handle) => TryFind(handle, out int slot) && _slots[slot].State == CandidateState.Answered;

    /// <summary>One of the closest that answered; 0 is the nearest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in 0 to <see cref="ClosestCount"/> - 1.</exception>
    public CompactNode ClosestAt(int index) => _slots[SlotOfClosest(index)].Contact;

    /// <summary>The write token of one of the closest; empty when there is none. Valid until the next call that changes the search.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in 0 to <see cref="ClosestCount"/> - 1.</exception>
    public ReadOnlySpan<byte> TokenAt(int index)
    {
        int slot = SlotOfClosest(index);
        return _tokens.AsSpan(slot * TokenSizeMax, _slots[slot].TokenLength);
    }

    /// <summary>Keeps the write token of a candidate that has answered, for an announce.</summary>
    /// <param name="handle">Of the candidate, after <see cref="MarkAnswered(long, in NodeId)"/>.</param>
    /// <param name="token">Copied.</param>
    /// <returns>
    /// False when it is longer than <see cref="TokenSizeMax"/>, which is counted, or the candidate is not among the closest.
    /// </returns>
    public bool SetToken(long handle, ReadOnlySpan<byte> token)
    {
        if (!TryFind(handle, out int slot) || _slots[slot].State != CandidateState.Answered)
        {
            return false;
        }

        if (token.Length > TokenSizeMax)
        {
            TokensRefusedCount++;
            return false;
        }

        token.CopyTo(_tokens.AsSpan(slot * TokenSizeMax));
        _slots[slot].TokenLength = (byte)token.Length;
        return true;
    }

    private void ResetResults()
    {
        _answered = 0;
        _farthestAnswered = None;
        TokensRefusedCount = 0;
    }

    private int SlotOfClosest(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_answered, nameof(index));
        for (int place = 0; ; place++)
        {
            if (_slots[_order[place]].State == CandidateState.Answered && index-- == 0)
            {
                return _order[place];
            }
        }
    }

    /// <summary>Enters one that answered, and drops what has become useless by it. The first of an id or a site to answer counts.</summary>
    private void Settle(int slot)
    {
        _late -= _slots[slot].State == CandidateState.Late ? 1 : 0;
        _slots[slot].State = CandidateState.InFlight;
        if (!TryCloseRivals(slot, drops: false) || IsNetworkFull(_slots[slot].Contact.Endpoint, PlaceOf(slot)))
        {
            DropAt(PlaceOf(slot));
            return;
        }

        TryCloseRivals(slot, drops: true);
        _slots[slot].State = CandidateState.Answered;
        _answered++;
        DropBeyondNetwork(_slots[slot].Contact.Endpoint);
        if (_answered >= _options.K)
        {
            Narrow();
        }
    }

    private bool HasNetworkLimit => _options.AnsweredPerNetworkMax > 0 && !_options.AllowSharedAddresses;

    /// <summary>Whether as many of a network as may be have answered and are nearer than a place.</summary>
    private bool IsNetworkFull(in Endpoint endpoint, int place) =>
        HasNetworkLimit && PlaceOfLast(endpoint, place) < place;

    /// <summary>Drops what is of a network and farther than as many of it as may be: by distance, so that haste wins nothing.</summary>
    private void DropBeyondNetwork(in Endpoint endpoint)
    {
        int last = HasNetworkLimit ? PlaceOfLast(endpoint, _count) : _count;
        for (int place = _count - 1; place > last; place--)
        {
            ref readonly CandidateSlot slot = ref _slots[_order[place]];
            if (slot.State is CandidateState.Fresh or CandidateState.Answered && slot.Contact.Endpoint.HasSameNetwork(endpoint))
            {
                _answered -= slot.State == CandidateState.Answered ? 1 : 0;
                DropAt(place);
            }
        }
    }

    /// <summary>The place of the last of a network that may be among those that answered; <paramref name="end"/> when there are fewer before it.</summary>
    private int PlaceOfLast(in Endpoint endpoint, int end)
    {
        int left = _options.AnsweredPerNetworkMax;
        for (int place = 0; place < end; place++)
        {
            ref readonly CandidateSlot slot = ref _slots[_order[place]];
            if (slot.State == CandidateState.Answered && slot.Contact.Endpoint.HasSameNetwork(endpoint) && --left == 0)
            {
                return place;
            }
        }

        return end;
    }

    /// <summary>Whether no other of the same id or site has answered; if asked to, drops the fresh ones on the way.</summary>
    private bool TryCloseRivals(int slot, bool drops)
    {
        NodeId id = _slots[slot].Contact.Id;
        for (int place = PlaceBehind(id, KeyOf(id)) - 1; place >= 0 && _slots[_order[place]].Contact.Id == id; place--)
        {
            if (!TryCloseRival(slot, _order[place], drops))
            {
                return false;
            }
        }

        ulong site = _siteHashes[slot];
        int rival = _options.AllowSharedAddresses ? None : NextOfSite(site, None);
        for (; rival != None; rival = NextOfSite(site, rival))
        {
            if (!TryCloseRival(slot, rival, drops))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryCloseRival(int slot, int rival, bool drops)
    {
        CandidateState state = _slots[rival].State;
        if (drops && rival != slot && state == CandidateState.Fresh)
        {
            Drop(rival);
        }

        return state != CandidateState.Answered;
    }

    /// <summary>Keeps the k closest of those that answered, and nothing fresh behind them.</summary>
    private void Narrow()
    {
        int place = _count - 1;
        for (; _answered > _options.K || _slots[_order[place]].State != CandidateState.Answered; place--)
        {
            CandidateState state = _slots[_order[place]].State;
            if (state is CandidateState.Fresh or CandidateState.Answered)
            {
                _answered -= state == CandidateState.Answered ? 1 : 0;
                DropAt(place);
            }
        }

        _farthestAnswered = _order[place];
    }

    private bool IsBeyondClosest(in NodeId id)
    {
        if (_answered < _options.K)
        {
            return false;
        }

        ref readonly CandidateSlot farthest = ref _slots[_farthestAnswered];
        return NodeId.CompareDistance(_target, id, farthest.Contact.Id) >= 0;
    }

    /// <summary>Whether one in a state is nearer than the k-th that answered; there are k.</summary>
    private bool IsAnyNearer(CandidateState state)
    {
        for (int place = 0; _order[place] != _farthestAnswered; place++)
        {
            if (_slots[_order[place]].State == state)
            {
                return true;
            }
        }

        return false;
    }
}
