namespace Dht.Engine.Lookup;

/// <summary>
/// Whom a search asks next, and whom again: the budget of queries, the passes over the candidates, and what was asked
/// of each candidate and at each site so far.
/// </summary>
internal sealed partial class AskSchedule
{
    private const int None = CandidateSlots.None;

    private readonly CandidateSetOptions _options;
    private readonly CandidateSlots _slots;
    private readonly CandidateOrder _order;

    // Hashes of endpoints, to know which were asked, and of sites and blocks, to know how often.
    private readonly AskedKeys _asked;
    private readonly AskedKeys _blocks;
    private readonly AskRecord[] _records;
    private int _window;
    private int _repeatsMax;
    private int _entryRepeatsMax;
    private int _takes;
    private int _pass;

    public AskSchedule(CandidateSetOptions options, CandidateSlots slots, CandidateOrder order)
    {
        _options = options;
        _slots = slots;
        _order = order;
        _asked = new AskedKeys(2 * options.QueriesMax);
        _blocks = new AskedKeys(options.QueriesMax);
        _records = new AskRecord[slots.Length];
    }

    /// <summary>Queries sent: those taken that were neither deferred nor given up.</summary>
    public int SentCount { get; private set; }

    /// <summary>Queries answered, by entry points too.</summary>
    public int AnsweredCount { get; private set; }

    /// <summary>Whether the queries of the search are used up.</summary>
    public bool IsSpent => _takes == _options.QueriesMax;

    /// <summary>Whether the silent are asked again in this search.</summary>
    public bool AsksAgain => _repeatsMax > 0;

    private int InFlightCount => _slots.CountIn(CandidateState.InFlight);

    /// <summary>Starts another search.</summary>
    /// <param name="isModest">Whether to ask few at once.</param>
    /// <param name="isAwaited">Whether to ask the silent again.</param>
    public void Begin(bool isModest, bool isAwaited)
    {
        _window = isModest ? 0 : _options.Window;
        _repeatsMax = isAwaited ? _options.RepeatsMax : 0;
        _entryRepeatsMax = isAwaited ? _options.EntryRepeatsMax : 0;
        _asked.Clear();
        _blocks.Clear();
        _takes = 0;
        _pass = 1;
        SentCount = 0;
        AnsweredCount = 0;
    }

    /// <summary>Clears the record of a slot that was taken for another candidate.</summary>
    public void Enter(int slot) => _records[slot] = default;

    /// <summary>Whether an endpoint was asked.</summary>
    public bool WasAsked(ulong endpointHash) => _asked.CountOf(endpointHash) > 0;

    /// <summary>How often a site was asked, up to 255.</summary>
    public int AttemptsAt(ulong siteHash) => _asked.CountOf(siteHash);

    /// <summary>How often a block was asked, up to 255.</summary>
    public int AttemptsInBlock(ulong blockHash) => _blocks.CountOf(blockHash);

    /// <inheritdoc cref="AskRecord.AskedAs"/>
    public int AskedAs(int slot) => _records[slot].AskedAs;

    /// <summary>Whether a candidate was asked more than once.</summary>
    public bool IsRepeated(int slot) => _records[slot].Repeats > 0;

    /// <summary>
    /// The next to ask, which is in flight from now on: entry points while fewer than k have answered, then the
    /// nearest fresh candidate.
    /// </summary>
    public bool TryTakeNext(out int slot)
    {
        slot = IsSpent ? None : PickEntry();
        slot = slot == None && !IsSpent ? Pick() : slot;
        if (slot == None)
        {
            return false;
        }

        ref AskRecord record = ref _records[slot];
        if (record.AskedAs == 0)
        {
            _asked.Add(_slots.EndpointHashAt(slot));
            if (!_slots[slot].IsEntry)
            {
                CountAttempt(slot);
            }
        }

        Ask(slot);
        record.AskedAs = _takes;
        return true;
    }

    /// <summary>Lets those that were deferred come back.</summary>
    public void BeginPass() => _pass++;

    /// <summary>
    /// The nearest late candidate that is to be asked again, which is in flight once more: among the 2 k nearest, and
    /// nearer than the k-th closest. While nobody has answered, an entry point too; but nobody more than once, for the
    /// line may be slow.
    /// </summary>
    public bool TryTakeAgain(out int slot)
    {
        slot = None;
        if (!IsSpent)
        {
            slot = _slots.EntriesIn(CandidateState.Late) > 0 && AnsweredCount == 0 ? PickLateEntry() : None;
            slot = slot == None && _slots.CountIn(CandidateState.Late) > 0 ? PickLate() : slot;
        }

        if (slot == None)
        {
            return false;
        }

        if (!_slots[slot].IsEntry)
        {
            CountAttempt(slot);
        }

        Ask(slot);
        _records[slot].Repeats++;
        return true;
    }

    /// <summary>
    /// The last query to a silent one is over: while nobody has answered, it may be fresh once more, for the line may
    /// have been away.
    /// </summary>
    /// <returns>False when it has had its queries.</returns>
    public bool TryRenew(int slot)
    {
        bool isOneOfFew = _slots[slot].IsEntry || _order.Count <= _options.K;
        if (AnsweredCount > 0 || !isOneOfFew || IsSpent || _records[slot].Repeats >= _entryRepeatsMax)
        {
            return false;
        }

        _slots.Move(slot, CandidateState.Fresh);
        _records[slot].Open--;
        _records[slot].Repeats++;
        return true;
    }

    /// <summary>
    /// It has refused its last query: it is fresh again, but not taken before <see cref="Rouse"/>.
    /// </summary>
    /// <returns>False when it has refused too often.</returns>
    public bool TryHold(int slot)
    {
        ref AskRecord record = ref _records[slot];
        if (record.Refusals == _options.RefusalsMax || IsSpent)
        {
            return false;
        }

        _slots.Move(slot, CandidateState.Fresh);
        record.Open--;
        record.Refusals++;
        record.IsHeld = true;
        return true;
    }

    /// <summary>
    /// What <see cref="TryTakeNext"/> took is to be sent later: it is fresh again, but not taken before
    /// <see cref="Rouse"/>.
    /// </summary>
    /// <returns>False when that has happened too often.</returns>
    public bool TryPostpone(int slot)
    {
        _records[slot].IsHeld = TryDefer(slot);
        return _records[slot].IsHeld;
    }

    /// <summary>A query that was taken has not left this machine.</summary>
    public void NoteUnsent() => SentCount--;

    /// <summary>From now on a caller waits.</summary>
    public void Await()
    {
        _repeatsMax = _options.RepeatsMax;
        _entryRepeatsMax = _options.EntryRepeatsMax;
    }

    /// <summary>One that has refused may be asked again.</summary>
    public void Rouse(int slot) => _records[slot].IsHeld = false;

    /// <summary>
    /// What <see cref="TryTakeAgain"/> took could not be sent: it is late as before, and not taken again.
    /// </summary>
    public void GiveUpRepeat(int slot)
    {
        TakeBack(slot, CandidateState.Late);
        _records[slot].Repeats = byte.MaxValue;
    }

    /// <summary>
    /// What <see cref="TryTakeNext"/> took could not be sent just now: it is fresh again, but not taken in this pass,
    /// and after those deferred less often.
    /// </summary>
    /// <returns>False when that has happened too often.</returns>
    public bool TryDefer(int slot)
    {
        TakeBack(slot, CandidateState.Fresh);
        _records[slot].DeferredIn = _pass;
        return ++_records[slot].Deferrals <= _options.DeferralsMax;
    }

    /// <summary>One of a candidate's queries will not be answered; whether another may still be.</summary>
    public bool TryEndOneOfSeveral(int slot)
    {
        if (_records[slot].Open <= 1)
        {
            return false;
        }

        _records[slot].Open--;
        return true;
    }

    /// <summary>A query was answered.</summary>
    public void NoteAnswer() => AnsweredCount++;

    private void Ask(int slot)
    {
        _slots.Move(slot, CandidateState.InFlight);
        _records[slot].Open++;
        _takes++;
        SentCount++;
    }

    private void TakeBack(int slot, CandidateState to)
    {
        _slots.Move(slot, to);
        _records[slot].Open--;
        SentCount--;
    }

    private int PickEntry()
    {
        int best = None;
        bool asksEntries = _slots.CountIn(CandidateState.Answered) < _options.K;
        for (int slot = 0, left = asksEntries ? _slots.EntriesIn(CandidateState.Fresh) : 0; left > 0; slot++)
        {
            if (_slots.StateOf(slot) == CandidateState.Fresh && _slots[slot].IsEntry)
            {
                left--;
                if (MayAsk(_records[slot]) && (best == None || IsEntryBefore(slot, best)))
                {
                    best = slot;
                }
            }
        }

        return best;
    }

    private bool MayAsk(in AskRecord record) => record.DeferredIn != _pass && !record.IsHeld;

    private bool IsEntryBefore(int left, int right) => _records[left].Deferrals != _records[right].Deferrals
        ? _records[left].Deferrals < _records[right].Deferrals
        : _slots[left].Serial < _slots[right].Serial;

    private int Pick()
    {
        if (_slots.CountIn(CandidateState.Fresh) == 0 || InFlightCount >= _options.InFlightMax)
        {
            return None;
        }

        int best = None;
        int bestRank = 0;
        int rank = 0;
        foreach (ushort slot in _order.Slots)
        {
            CandidateState state = _slots.StateOf(slot);
            ref readonly AskRecord record = ref _records[slot];
            if (state == CandidateState.Fresh && MayAsk(record)
                && (best == None || record.Deferrals < _records[best].Deferrals))
            {
                best = slot;
                bestRank = rank;
                if (record.Deferrals == 0)
                {
                    break;
                }
            }

            rank += state == CandidateState.Late ? 0 : 1;
        }

        return InFlightCount < _options.Alpha || bestRank < _window ? best : None;
    }

    private int PickLateEntry()
    {
        for (int slot = 0, left = _slots.EntriesIn(CandidateState.Late); left > 0; slot++)
        {
            if (_slots.StateOf(slot) == CandidateState.Late && _slots[slot].IsEntry)
            {
                left--;
                if (_records[slot].Repeats == 0 && _entryRepeatsMax > 0)
                {
                    return slot;
                }
            }
        }

        return None;
    }

    private int PickLate()
    {
        if (InFlightCount >= _options.InFlightMax)
        {
            return None;
        }

        int most = AnsweredCount == 0 && _entryRepeatsMax > 0 ? 1 : _repeatsMax;
        int answered = 0;
        int end = Math.Min(_order.Count, 2 * _options.K);
        for (int place = 0; place < end && answered < _options.K && most > 0; place++)
        {
            int slot = _order[place];
            CandidateState state = _slots.StateOf(slot);
            answered += state == CandidateState.Answered ? 1 : 0;
            if (state == CandidateState.Late && _records[slot].Repeats < most && HasRoomAgain(slot))
            {
                return slot;
            }
        }

        return None;
    }

    // However many endpoints a site has: replies that name one victim under many ports shall not win by its silence.
    private bool HasRoomAgain(int slot) =>
        _options.AllowSharedAddresses
        || (AttemptsAt(_slots.SiteHashAt(slot)) <= Math.Max(_repeatsMax, _entryRepeatsMax)
            && (_options.QueriesPerBlockMax == 0
                || AttemptsInBlock(_slots.BlockHashAt(slot)) < _options.QueriesPerBlockMax));

    private void CountAttempt(int slot)
    {
        _asked.Add(_slots.SiteHashAt(slot));
        _blocks.Add(_slots.BlockHashAt(slot));
    }
}
