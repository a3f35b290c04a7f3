namespace Dht.Engine.Lookup;

/// <content>
/// Asking again. Of the nearest, one that is silent past its short timeout may be dead, slow, or its packet was lost; only the first
/// may be left out of the result.
/// </content>
public sealed partial class CandidateSet
{
    /// <summary>Whether the present search asks again; a modest one does not.</summary>
    private int _repeatsMax;

    /// <summary>Queries sent to candidates that were asked before.</summary>
    public int RepeatedCount { get; private set; }

    /// <summary>
    /// The nearest late one that is to be asked again; it is in flight once more, under the same handle, and the first answer to any of
    /// its queries counts. Only those that are nearer than the k-th closest, and among the 2 k nearest, up to
    /// <see cref="CandidateSetOptions.RepeatsMax"/> times each. Call it after <see cref="TryTakeNext"/> has said false.
    /// </summary>
    public bool TryTakeAgain(out Candidate candidate)
    {
        candidate = default;
        if (_repeatsMax == 0 || _late == 0 || _takes == _options.QueriesMax || _inFlight >= _options.InFlightMax)
        {
            return false;
        }

        int answered = 0;
        for (int place = 0; place < Math.Min(_count, 2 * _options.K) && answered < _options.K; place++)
        {
            ref CandidateSlot slot = ref _slots[_order[place]];
            answered += slot.State == CandidateState.Answered ? 1 : 0;
            if (slot.State == CandidateState.Late && slot.Repeats < _repeatsMax && HasSiteRoomAgain(_siteHashes[_order[place]]))
            {
                _asked.Add(_siteHashes[_order[place]]);
                slot.Open++;
                slot.State = CandidateState.InFlight;
                slot.Repeats++;
                _late--;
                _inFlight++;
                _takes++;
                AskedCount++;
                RepeatedCount++;
                candidate = new Candidate(((long)slot.Serial << SlotBits) | _order[place], slot.Contact.Id, slot.Contact.Endpoint, true);
                return true;
            }
        }

        return false;
    }

    /// <summary>One that <see cref="TryTakeAgain"/> gave could not be sent to: it is late as before, and not taken again.</summary>
    public void LetBe(long handle)
    {
        if (MarkLate(handle) && TryFind(handle, out int slot))
        {
            _slots[slot].Repeats = byte.MaxValue;
            _slots[slot].Open--;
            AskedCount--;
            RepeatedCount--;
        }
    }

    /// <summary>However many endpoints a site has: replies that name one victim under many ports shall not win by its silence.</summary>
    private bool HasSiteRoomAgain(ulong site) => _options.AllowSharedAddresses || _asked.CountOf(site) <= _repeatsMax;
}
