using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// Decides whether a contact enters a table, stays, and leaves. It enters when it has answered a query of ours; one
/// that asked us is pinged first. Contacts that others name are hearsay: only a lookup asks them.
/// </summary>
internal sealed class Admission : IContactListener
{
    private readonly NodeFamilies _families;
    private readonly EntryPoints _entries;
    private readonly NodeQueries _queries;
    private readonly VerificationThrottle _verifications;
    private readonly AnswerBudget _answers;
    private readonly NodeObservers _observers;
    private readonly NodeFaults _faults;

    // While a failure is reported to the table that is the network's: what it loses by that is kept to join through.
    private bool _isCutOff;

    public Admission(
        NodeFamilies families,
        EntryPoints entries,
        NodeQueries queries,
        NodeThrottles throttles,
        NodeObservers observers,
        NodeFaults faults)
    {
        _families = families;
        _entries = entries;
        _queries = queries;
        _verifications = throttles.Verifications;
        _answers = throttles.Budget;
        _observers = observers;
        _faults = faults;
        foreach (NodeFamily family in families.All)
        {
            family.Table.Listener = this;
        }
    }

    /// <summary>
    /// A contact has answered us: it enters, unless it is a router or its id does not fit. Another id than the one that
    /// was asked means that the contact of that id is gone from there: address, port and transaction prove whose the
    /// place is now.
    /// </summary>
    public void OnResponse(in Expectation expected, in NodeId sender, in Endpoint source, Instant now)
    {
        if (expected.HasId && expected.Id != sender)
        {
            _families.Of(source).Table.MarkReplaced(expected.Id, source);
            _entries.Forget(expected.Id, source);
        }

        _verifications.NoteAnswer(source);
        _answers.NoteProof(source, now);
        if (!_entries.IsRouter(source) && _families.IsTrusted(sender, source))
        {
            _families.Of(source).Table.Insert(sender, source, now);
        }
    }

    /// <summary>
    /// An asker that is in the table has shown life (BEP 5); one that would be welcome there is pinged first. Where
    /// another contact of its site has the place, that one is pinged: it may be what the asker was before it restarted.
    /// </summary>
    /// <param name="id">The id that it gave.</param>
    /// <param name="source">Where it asked from.</param>
    /// <param name="local">
    /// The address of ours that it asked: behind a NAT or a firewall it hears from no other.
    /// </param>
    /// <param name="now">The current instant.</param>
    public void OnQuery(in NodeId id, in Endpoint source, in Endpoint local, Instant now)
    {
        NodeFamily family = _families.Of(source);
        family.Table.MarkHeard(id, source, now);

        // Half of the slots stay free for what users ask, whatever strangers make us verify.
        if (id == family.Id || !_families.IsTrusted(id, source) || !_queries.HasAmpleRoom || _entries.IsRouter(source))
        {
            return;
        }

        // The answer counts under whatever id it has: who asked may have been forged, who answers is there.
        var asked = new CompactNode(id, source);
        if ((family.Table.Wants(id, source) || family.Table.TryGetRival(id, source, now, out asked))
            && _verifications.HasRoom(source, now)
            && _queries.Verify(asked.Endpoint, local, Expectation.Of(asked.Id), now) == AskResult.Sent)
        {
            // Counted only now: a ping that found no room would otherwise keep an honest contact out until the limit is
            // over.
            _verifications.Count(source, now);
        }
    }

    /// <summary>A contact has refused a query of ours: it lives.</summary>
    public void OnRefusal(in Expectation expected, in Endpoint contact, Instant now)
    {
        if (expected.HasId)
        {
            _families.Of(contact).Table.MarkHeard(expected.Id, contact, now);
        }
    }

    /// <summary>A contact was silent, or does nothing but refuse.</summary>
    /// <param name="expected">The contact that was asked; nothing happens where it is not known.</param>
    /// <param name="contact">Where it was asked.</param>
    /// <param name="isCutOff">Whether no node answers at all, so that the contact is not to blame.</param>
    public void OnFailure(in Expectation expected, in Endpoint contact, bool isCutOff)
    {
        if (!expected.HasId)
        {
            return;
        }

        _isCutOff = isCutOff;
        _families.Of(contact).Table.MarkFailed(expected.Id, contact);
        _isCutOff = false;
        if (!isCutOff)
        {
            _entries.Forget(expected.Id, contact);
        }
    }

    void IContactListener.OnContactFound(in CompactNode contact) => _observers.ContactFound(_faults, contact);

    void IContactListener.OnContactLost(in CompactNode contact)
    {
        if (_isCutOff)
        {
            _entries.Keep(contact);
        }

        _observers.ContactLost(_faults, contact);
    }
}
