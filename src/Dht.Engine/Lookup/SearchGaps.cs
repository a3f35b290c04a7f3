namespace Dht.Engine.Lookup;

/// <summary>
/// Where live nodes may be hidden. A reply has room for k contacts, and a node that hands out dead ones leaves live
/// ones out: all the near nodes name the same k. Asked about their own neighbourhood, each names another k.
/// </summary>
internal sealed partial class SearchGaps
{
    // Of those asked, so many and such a share silent past their short timeout are more than the slow ones that live.
    private const int SilentMin = 4;
    private const int SilentShareDivisor = 3;

    private readonly CandidateSlots _slots;
    private readonly CandidateOrder _order;
    private readonly ClosestAnswered _closest;
    private readonly AskSchedule _schedule;

    // By slot, for those that answered: whether it was asked about its own neighbourhood.
    private readonly bool[] _probed;
    private ulong _nearestLost = ulong.MaxValue;
    private int _silent;

    public SearchGaps(CandidateSlots slots, CandidateOrder order, ClosestAnswered closest, AskSchedule schedule)
    {
        _slots = slots;
        _order = order;
        _closest = closest;
        _schedule = schedule;
        _probed = new bool[slots.Length];
    }

    /// <summary>Whether one nearer than the k-th closest has failed, is late, or is no result.</summary>
    public bool Any => _closest.IsFull
        ? _nearestLost < _closest.FarthestKey || _closest.IsAnyNearer(CandidateState.Late)
            || _slots.CountIn(CandidateState.Bystander) > 0
        : _nearestLost != ulong.MaxValue
            || _slots.CountOfAll(CandidateState.Late) + _slots.CountIn(CandidateState.Bystander) > 0;

    /// <summary>Whether to look for gaps now, since there is no near one left to ask.</summary>
    public bool IsTimeToProbe => _slots.CountIn(CandidateState.Fresh) == 0 && (IsSuspect || Any);

    private bool IsSuspect => _schedule.AsksAgain && _silent >= SilentMin
        && _silent * SilentShareDivisor >= _silent + _schedule.AnsweredCount;

    /// <summary>Starts another search.</summary>
    public void Begin()
    {
        _nearestLost = ulong.MaxValue;
        _silent = 0;
    }

    /// <summary>A query was not answered within its short timeout. Of a candidate only the first counts.</summary>
    public void NoteSilent(int slot) => _silent += _slots[slot].IsEntry || _schedule.IsRepeated(slot) ? 0 : 1;

    /// <summary>A candidate has failed and will be dropped.</summary>
    public void NoteLost(int slot)
    {
        if (!_slots[slot].IsEntry)
        {
            _nearestLost = Math.Min(_nearestLost, _order.KeyOf(_slots[slot].Contact.Id));
        }
    }

    /// <summary>A candidate has answered.</summary>
    public void NoteAnswered(int slot) => _probed[slot] = false;

    /// <summary>
    /// If there may be gaps, the nearest that answered and was not probed yet; it counts as probed from now on.
    /// </summary>
    public bool TryTakeProbe(out int slot)
    {
        slot = CandidateSlots.None;
        if (!Any && !IsSuspect)
        {
            return false;
        }

        foreach (ushort next in _order.Slots)
        {
            if (_slots.StateOf(next) is CandidateState.Answered or CandidateState.Bystander && !_probed[next])
            {
                _probed[next] = true;
                slot = next;
                return true;
            }
        }

        return false;
    }
}
