using Dht.Engine.Invariants;

namespace Dht.Engine.Lookup;

/// <content>What must be true of what was asked.</content>
internal sealed partial class AskSchedule
{
    internal void CheckInvariants()
    {
        _asked.CheckInvariants();
        _blocks.CheckInvariants();
        Invariant.Holds(_takes <= _options.QueriesMax, "no more queries are taken than a search may send");
        Invariant.Holds(SentCount >= 0 && SentCount <= _takes, "no more queries are sent than taken");
        Invariant.Holds(InFlightCount <= _options.InFlightMax, "no more candidates are in flight than may be");
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            if (_slots.StateOf(slot) != CandidateState.Free)
            {
                CheckRecord(slot, _slots.StateOf(slot));
            }
        }
    }

    private void CheckRecord(int slot, CandidateState state)
    {
        ref readonly AskRecord record = ref _records[slot];
        bool isAsked = record.AskedAs != 0;
        bool isOpen = state is CandidateState.InFlight or CandidateState.Late;
        Invariant.Holds(record.AskedAs <= _takes && record.DeferredIn <= _pass, "a record is of this search");
        Invariant.Holds(record.Deferrals <= _options.DeferralsMax, "a candidate is deferred no more than it may be");
        Invariant.Holds(!isOpen || record.Open > 0, "one in flight or late has an open query");
        Invariant.Holds(isAsked || state == CandidateState.Fresh, "one that was not asked is fresh");
        Invariant.Holds(
            isAsked || record is { Open: 0, Repeats: 0, Deferrals: 0, Refusals: 0 },
            "one that was not asked has nothing on record");
        Invariant.Holds(
            !isAsked || state != CandidateState.Fresh || record.Deferrals + record.Refusals + record.Repeats > 0,
            "one asked that is fresh was deferred, has refused or is asked again");
        Invariant.Holds(!record.IsHeld || state == CandidateState.Fresh, "one that is held is fresh");
        Invariant.Holds(record.Refusals <= _options.RefusalsMax, "a candidate refuses no more often than it may");
        Invariant.Holds(isAsked == WasAsked(_slots.EndpointHashAt(slot)), "an endpoint is known as asked when it was");

        // An entry point is no attempt at its site; nor is it when it has answered and become a candidate.
        bool isAttempt = isAsked && !_slots[slot].IsEntry
            && state is not (CandidateState.Answered or CandidateState.Bystander);
        Invariant.Holds(!isAttempt || AttemptsAt(_slots.SiteHashAt(slot)) > 0, "a site is known as asked when it was");
    }
}
