using Dht.Engine.Identity;

namespace Dht.Engine.Lookup;

/// <content>Whom to ask, and what became of it.</content>
public sealed partial class CandidateSet
{
    private int _fresh;
    private int _freshEntries;
    private int _inFlight;
    private int _entriesInFlight;
    private int _late;
    private int _takes;
    private int _pass;

    /// <summary>Queries sent: those taken and not deferred.</summary>
    public int AskedCount { get; private set; }

    /// <summary>Queries answered, by entry points too.</summary>
    public int AnsweredCount { get; private set; }

    /// <summary>Candidates that failed, or could not be sent too often, or were given up late to make room.</summary>
    public int FailedCount { get; private set; }

    /// <summary>Queries in flight; late ones are not.</summary>
    public int InFlightCount => _inFlight + _entriesInFlight;

    /// <summary>
    /// Whether the search is over: nothing that is nearer than the k-th closest that answered is fresh or in flight (late ones are not
    /// waited for; with fewer than k, everything is nearer); or the queries are used up and none is in flight.
    /// </summary>
    public bool IsComplete => _takes == _options.QueriesMax && InFlightCount == 0
        || (_answered < _options.K
            ? _fresh + _freshEntries + InFlightCount == 0
            : _fresh == 0 && !IsAnyNearer(CandidateState.InFlight));

    /// <summary>
    /// Whether the search is over, and no late answer can change the closest any more. A driver that wants the exact result more than
    /// an early one waits for this.
    /// </summary>
    public bool IsSettled => IsComplete && (_answered < _options.K ? _late == 0 : !IsAnyNearer(CandidateState.Late));

    /// <summary>
    /// The next candidate to ask: entry points, then the nearest fresh one. It is in flight from now on. Call it until it says false,
    /// after each event and now and then: a deferred candidate comes back only after that.
    /// </summary>
    /// <param name="candidate">Whom to ask.</param>
    /// <param name="keepsDeferred">Whether those that are deferred stay so after a false too: it is too early for them.</param>
    public bool TryTakeNext(out Candidate candidate, bool keepsDeferred = false)
    {
        int slot = _takes == _options.QueriesMax ? None : PickEntry();
        slot = slot == None && _takes < _options.QueriesMax ? Pick() : slot;
        if (slot == None)
        {
            _pass += keepsDeferred ? 0 : 1;
            candidate = default;
            return false;
        }

        ref CandidateSlot taken = ref _slots[slot];
        if (taken.AskedAs == 0)
        {
            _asked.Add(_endpointHashes[slot]);
            if (!taken.IsEntry)
            {
                _asked.Add(_siteHashes[slot]);
            }
        }

        taken.State = CandidateState.InFlight;
        taken.AskedAs = ++_takes;
        taken.Open = 1;
        AskedCount++;
        (taken.IsEntry ? ref _freshEntries : ref _fresh)--;
        (taken.IsEntry ? ref _entriesInFlight : ref _inFlight)++;
        candidate = new Candidate(((long)taken.Serial << SlotBits) | (uint)slot, taken.Contact.Id, taken.Contact.Endpoint, !taken.IsEntry);
        return true;
    }

    /// <summary>It was answered, in time or late, by the id that was asked (or by an entry point).</summary>
    /// <returns>False when the handle is of an earlier search or its candidate has left: ignore the answer.</returns>
    public bool MarkAnswered(long handle) =>
        TryFind(handle, out int slot) && Answer(slot, _slots[slot].Contact.Id, keepsEntry: false);

    /// <summary>
    /// It was answered, in time or late. Under another id than the one it was named with it keeps its endpoint and takes the place of
    /// the id that it says it has; under our own id it has failed.
    /// </summary>
    /// <returns>
    /// Whether to read the answer; false when the handle is of an earlier search or its candidate has left.
    /// </returns>
    public bool MarkAnswered(long handle, in NodeId sender) =>
        TryFind(handle, out int slot) && Answer(slot, sender, keepsEntry: false);

    /// <summary>Its short timeout is over: it no longer holds a place in flight, and may still be answered.</summary>
    /// <returns>False when it is not in flight (any more).</returns>
    public bool MarkLate(long handle)
    {
        if (!TryFind(handle, out int slot) || _slots[slot].State != CandidateState.InFlight)
        {
            return false;
        }

        LeaveFlight(slot);
        _silent += _slots[slot] is { IsEntry: false, Repeats: 0 } ? 1 : 0;
        _slots[slot].State = CandidateState.Late;
        _late++;
        return true;
    }

    /// <summary>
    /// A query to it will not be answered: long timeout, an error, or it must not be sent to. With the last of its queries it leaves the
    /// search.
    /// </summary>
    /// <returns>False when it has left already, has answered, or was asked again and may still answer that.</returns>
    public bool MarkFailed(long handle)
    {
        if (!TryFind(handle, out int slot) || _slots[slot].State == CandidateState.Answered)
        {
            return false;
        }

        if (_slots[slot].Open > 1)
        {
            _slots[slot].Open--;
            return false;
        }

        LeaveFlight(slot);
        FailedCount++;
        NoteLost(_slots[slot]);
        Drop(slot);
        return true;
    }

    /// <summary>
    /// It could not be sent just now. It is fresh again, but not taken before <see cref="TryTakeNext"/> has said false once, and after
    /// those deferred less often. After <see cref="CandidateSetOptions.DeferralsMax"/> times it fails.
    /// </summary>
    /// <returns>False when it is not in flight.</returns>
    public bool Defer(long handle)
    {
        if (!TryFind(handle, out int slot) || _slots[slot].State != CandidateState.InFlight)
        {
            return false;
        }

        LeaveFlight(slot);
        AskedCount--;
        ref CandidateSlot deferred = ref _slots[slot];
        deferred.State = CandidateState.Fresh;
        (deferred.IsEntry ? ref _freshEntries : ref _fresh)++;
        deferred.DeferredIn = _pass;
        if (++deferred.Deferrals > _options.DeferralsMax)
        {
            FailedCount++;
            Drop(slot);
        }
        else if (!deferred.IsEntry && (IsBeyondClosest(deferred.Contact.Id) || !TryCloseRivals(slot, drops: false)
            || IsNetworkFull(deferred.Contact.Endpoint, PlaceOf(slot))))
        {
            Drop(slot);
        }

        return true;
    }

    private void ResetAsking()
    {
        _fresh = _freshEntries = _inFlight = _entriesInFlight = _late = _takes = _silent = 0;
        _pass = 1;
        AskedCount = AnsweredCount = FailedCount = RepeatedCount = 0;
        _nearestLost = ulong.MaxValue;
    }

    private bool TryFind(long handle, out int slot)
    {
        slot = (int)(handle & ((1 << SlotBits) - 1));
        return (uint)slot < (uint)_slots.Length && _slots[slot].State != CandidateState.Free && _slots[slot].Serial == handle >> SlotBits;
    }

    private int PickEntry()
    {
        int best = None;
        for (int slot = 0, left = _answered < _options.K ? _freshEntries : 0; left > 0; slot++)
        {
            ref readonly CandidateSlot entry = ref _slots[slot];
            if (entry.State == CandidateState.Fresh && entry.IsEntry)
            {
                left--;
                if (entry.DeferredIn != _pass && (best == None || IsBefore(entry, _slots[best])))
                {
                    best = slot;
                }
            }
        }

        return best;

        static bool IsBefore(in CandidateSlot left, in CandidateSlot right) =>
            left.Deferrals != right.Deferrals ? left.Deferrals < right.Deferrals : left.Serial < right.Serial;
    }

    private int Pick()
    {
        if (_fresh == 0 || _inFlight >= _options.InFlightMax)
        {
            return None;
        }

        int best = None;
        int bestRank = 0;
        for (int place = 0, rank = 0; place < _count; place++)
        {
            int slot = _order[place];
            ref readonly CandidateSlot candidate = ref _slots[slot];
            if (candidate.State == CandidateState.Fresh && candidate.DeferredIn != _pass
                && (best == None || candidate.Deferrals < _slots[best].Deferrals))
            {
                best = slot;
                bestRank = rank;
                if (candidate.Deferrals == 0)
                {
                    break;
                }
            }

            rank += candidate.State == CandidateState.Late ? 0 : 1;
        }

        return _inFlight < _options.Alpha || bestRank < _window ? best : None;
    }

    private bool Answer(int slot, in NodeId sender, bool keepsEntry)
    {
        ref CandidateSlot answered = ref _slots[slot];
        if (answered.State is CandidateState.Fresh or CandidateState.Answered)
        {
            return false;
        }

        LeaveFlight(slot);
        if (sender == _self)
        {
            FailedCount++;
            Drop(slot);
            return false;
        }

        AnsweredCount++;
        BeginReply();
        if (answered.IsEntry)
        {
            if (!keepsEntry || !TryMakeCandidate(slot, sender))
            {
                Drop(slot);
                return true;
            }
        }
        else if (sender != answered.Contact.Id)
        {
            TakeOutAt(PlaceOf(slot));
            answered.Contact = answered.Contact with { Id = sender };
            ulong key = KeyOf(sender);
            InsertAt(PlaceBehind(sender, key), slot, key);
        }

        Settle(slot);
        return true;
    }

    /// <summary>Takes it off the counts of what is under way; its state is for the caller to set.</summary>
    private void LeaveFlight(int slot)
    {
        ref CandidateSlot leaving = ref _slots[slot];
        if (leaving.State == CandidateState.InFlight)
        {
            (leaving.IsEntry ? ref _entriesInFlight : ref _inFlight)--;
        }
    }

    private void Drop(int slot)
    {
        if (!_slots[slot].IsEntry)
        {
            DropAt(PlaceOf(slot));
            return;
        }

        _freshEntries -= _slots[slot].State == CandidateState.Fresh ? 1 : 0;
        _late -= _slots[slot].State == CandidateState.Late ? 1 : 0;
        _entryCount--;
        FreeSlot(slot);
    }
}
