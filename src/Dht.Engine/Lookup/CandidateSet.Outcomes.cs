using Dht.Engine.Identity;

namespace Dht.Engine.Lookup;

/// <content>What became of those that were asked.</content>
internal sealed partial class CandidateSet
{
    /// <summary>
    /// It was answered, in time or late. Under another id than the one it was named with it keeps its endpoint and
    /// takes the place of the id that it says it has; under our own id it has failed.
    /// </summary>
    /// <param name="handle">Of the candidate.</param>
    /// <param name="sender">The id in the answer.</param>
    /// <param name="isResult">Whether it may be among the closest; otherwise the next nearest takes its place.</param>
    /// <returns>
    /// Whether to read the answer; false when the handle is of an earlier search or its candidate has left.
    /// </returns>
    public bool MarkAnswered(long handle, in NodeId sender, bool isResult = true)
    {
        if (!TryAccept(handle, sender, out int slot))
        {
            return false;
        }

        if (_slots[slot].IsEntry)
        {
            _slots.Release(slot);
            return true;
        }

        if (sender != _slots[slot].Contact.Id)
        {
            _order.Rename(slot, sender);
        }

        Settle(slot, isResult);
        return true;
    }

    /// <summary>
    /// An entry point has answered, and is not a router: from now on it is a candidate with the id that it says it has,
    /// and may be among the closest.
    /// </summary>
    /// <param name="handle">Of the entry point.</param>
    /// <param name="sender">The id in the answer.</param>
    /// <param name="isResult">As for <see cref="MarkAnswered"/>.</param>
    /// <returns>
    /// Whether to read the answer; false when the handle is not of an entry point that was asked in this search.
    /// </returns>
    public bool MarkEntryAnswered(long handle, in NodeId sender, bool isResult = true)
    {
        if (!IsEntry(handle) || !TryAccept(handle, sender, out int slot))
        {
            return false;
        }

        if (_admission.TryConvertEntry(slot, sender))
        {
            Settle(slot, isResult);
        }
        else
        {
            _slots.Release(slot);
        }

        return true;
    }

    /// <summary>Its short timeout is over: it no longer holds a place in flight, and may still be answered.</summary>
    /// <returns>False when it is not in flight (any longer).</returns>
    public bool MarkLate(long handle)
    {
        if (!TryFind(handle, CandidateState.InFlight, out int slot))
        {
            return false;
        }

        _gaps.NoteSilent(slot);
        _slots.Move(slot, CandidateState.Late);
        return true;
    }

    /// <summary>
    /// A query to it will not be answered: long timeout, an error that is no refusal, or it must not be sent to. With
    /// the last of its queries it leaves the search.
    /// </summary>
    /// <param name="handle">Of the candidate.</param>
    /// <param name="isSilent">Whether it was asked and silent: it may be asked once more.</param>
    /// <returns>False when it has left or answered, or may still answer.</returns>
    public bool MarkFailed(long handle, bool isSilent = false)
    {
        if (!_slots.TryFind(handle, out int slot)
            || _slots.StateOf(slot) is CandidateState.Answered or CandidateState.Bystander
            || _schedule.TryEndOneOfSeveral(slot) || (isSilent && _schedule.TryRenew(slot)))
        {
            return false;
        }

        _gaps.NoteLost(slot);
        Drop(slot);
        return true;
    }

    /// <summary>
    /// It has refused: it lives, and wants to be asked later. It is fresh again, but not taken before
    /// <see cref="Rouse"/>; the search waits for it. After <see cref="CandidateSetOptions.RefusalsMax"/> times it
    /// leaves the search, and at once when it cannot be among the closest any longer.
    /// </summary>
    /// <returns>Whether it is to be roused after a while.</returns>
    public bool MarkRefused(long handle) => IsOpen(handle, out int slot) && TryHold(slot);

    /// <summary>
    /// The system did not send the query: nobody was asked. It is fresh again, as after <see cref="MarkRefused"/>.
    /// </summary>
    /// <returns>Whether it is to be roused after a while.</returns>
    public bool MarkUnsent(long handle)
    {
        if (!IsOpen(handle, out int slot))
        {
            return false;
        }

        _schedule.NoteUnsent();
        return TryHold(slot);
    }

    /// <summary>
    /// It is not to be asked just now. It is fresh again, but not taken before <see cref="Rouse"/>. After
    /// <see cref="CandidateSetOptions.DeferralsMax"/> times it leaves the search.
    /// </summary>
    /// <returns>Whether it is to be roused after a while.</returns>
    public bool Postpone(long handle)
    {
        if (!TryFind(handle, CandidateState.InFlight, out int slot))
        {
            return false;
        }

        bool stays = _schedule.TryPostpone(slot) && !_admission.IsUseless(slot);
        if (!stays)
        {
            Drop(slot);
        }

        return stays;
    }

    private bool TryHold(int slot)
    {
        if (_schedule.TryEndOneOfSeveral(slot))
        {
            return false;
        }

        if (_schedule.TryHold(slot) && (_slots[slot].IsEntry || !_admission.IsUseless(slot)))
        {
            return true;
        }

        _gaps.NoteLost(slot);
        Drop(slot);
        return false;
    }

    /// <summary>One that has refused may be asked again.</summary>
    public void Rouse(long handle)
    {
        if (TryFind(handle, CandidateState.Fresh, out int slot))
        {
            _schedule.Rouse(slot);
        }
    }

    /// <summary>
    /// It could not be sent just now. It is fresh again, but not taken before <see cref="TryTakeNext"/> has said false
    /// once, and after those deferred less often. After <see cref="CandidateSetOptions.DeferralsMax"/> times it leaves
    /// the search.
    /// </summary>
    /// <returns>False when it is not in flight.</returns>
    public bool Defer(long handle)
    {
        if (!TryFind(handle, CandidateState.InFlight, out int slot))
        {
            return false;
        }

        bool stays = _schedule.TryDefer(slot);
        if (!stays || (!_slots[slot].IsEntry && _admission.IsUseless(slot)))
        {
            Drop(slot);
        }

        return true;
    }

    /// <summary>
    /// One that <see cref="TryTakeAgain"/> gave could not be sent to: it is late as before, and not taken again.
    /// </summary>
    public void GiveUpRepeat(long handle)
    {
        if (TryFind(handle, CandidateState.InFlight, out int slot))
        {
            _schedule.GiveUpRepeat(slot);
        }
    }

    /// <summary>Whether an answer is to our query, and from another node; opens the list of its contacts.</summary>
    private bool TryAccept(long handle, in NodeId sender, out int slot)
    {
        if (!IsOpen(handle, out slot))
        {
            return false;
        }

        if (_admission.IsSelf(sender))
        {
            Drop(slot);
            return false;
        }

        _schedule.NoteAnswer();
        BeginReply();
        return true;
    }

    /// <summary>Enters a candidate that answered among the closest, unless it is outdone.</summary>
    private void Settle(int slot, bool isResult)
    {
        if (_admission.IsOutdone(slot))
        {
            Drop(slot);
            return;
        }

        _admission.DropRivals(slot);
        _gaps.NoteAnswered(slot);
        if (isResult)
        {
            _closest.Enter(slot);
        }
        else
        {
            _closest.Watch(slot);
        }
    }

    private bool IsOpen(long handle, out int slot) => _slots.TryFind(handle, out slot)
        && _slots.StateOf(slot) is CandidateState.InFlight or CandidateState.Late;

    private void Drop(int slot)
    {
        if (_slots[slot].IsEntry)
        {
            _slots.Release(slot);
        }
        else
        {
            _order.DropAt(_order.PlaceOf(slot));
        }
    }
}
