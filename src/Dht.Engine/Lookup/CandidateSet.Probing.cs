namespace Dht.Engine.Lookup;

/// <content>
/// A second look at the neighbourhood. A reply has room for k contacts, and whoever hands out dead ones hides live ones behind them:
/// all the near nodes name the same k. Asked about their own neighbourhood, each names another k.
/// </content>
public sealed partial class CandidateSet
{
    private ulong _nearestLost;

    /// <summary>
    /// Whether one that is nearer than the k-th closest has failed or is late, so that a live one may still be hidden behind it.
    /// </summary>
    public bool HasGaps => _answered < _options.K
        ? _nearestLost != ulong.MaxValue || _late > 0
        : _nearestLost < KeyOf(_slots[_farthestAnswered].Contact.Id) || IsAnyNearer(CandidateState.Late);

    /// <summary>
    /// The nearest of the closest that was not asked about its own neighbourhood yet, if there are gaps; it counts as asked from now on.
    /// Offer what it names after <see cref="BeginReply"/>: the search may go on by that.
    /// </summary>
    public bool TryTakeProbe(out Candidate candidate)
    {
        candidate = default;
        if (!HasGaps)
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
