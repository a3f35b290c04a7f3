namespace Dht.Engine.Lookup;

/// <content>
/// A second look at the neighbourhood. A reply has room for k contacts, and whoever hands out dead ones hides live ones behind them:
/// all the near nodes name the same k. Asked about their own neighbourhood, each names another k.
/// </content>
public sealed partial class CandidateSet
{
    private ulong _nearestLost;

    // Of those asked, so many and such a share silent past their short timeout are more than the slow ones among the living.
    private const int SuspectMin = 4;
    private const int SuspectShareDivisor = 3;

    private int _silent;

    /// <summary>
    /// Whether one that is nearer than the k-th closest has failed or is late and not to be asked again, so that a live one may still be
    /// hidden behind it.
    /// </summary>
    public bool HasGaps => _answered < _options.K
        ? _nearestLost != ulong.MaxValue || _late > 0
        : _nearestLost < KeyOf(_slots[_farthestAnswered].Contact.Id) || IsAnyNearer(CandidateState.Late);

    /// <summary>
    /// Whether to look for gaps now: everybody near has been asked, and there are some; or so many of all that were asked are silent that
    /// there must be.
    /// </summary>
    public bool IsTimeToProbe => _fresh == 0 && (IsSuspect || HasGaps);

    private bool IsSuspect => _repeatsMax > 0 && _silent >= SuspectMin && _silent * SuspectShareDivisor >= _silent + AnsweredCount;

    /// <summary>
    /// The nearest of the closest that was not asked about its own neighbourhood yet, if there are gaps; it counts as asked from now on.
    /// Offer what it names after <see cref="BeginReply"/>: the search may go on by that.
    /// </summary>
    public bool TryTakeProbe(out Candidate candidate)
    {
        candidate = default;
        if (!HasGaps && !IsSuspect)
        {
            return false;
        }

        for (int place = 0; place < _count; place++)
        {
            ref CandidateSlot slot = ref _slots[_order[place]];
            if (slot.State == CandidateState.Answered && !slot.IsProbed)
            {
                slot.IsProbed = true;
                candidate = new Candidate(((long)slot.Serial << SlotBits) | _order[place], slot.Contact.Id, slot.Contact.Endpoint, true);
                return true;
            }
        }

        return false;
    }

    private void NoteLost(in CandidateSlot lost)
    {
        if (!lost.IsEntry)
        {
            _nearestLost = Math.Min(_nearestLost, KeyOf(lost.Contact.Id));
        }
    }
}
