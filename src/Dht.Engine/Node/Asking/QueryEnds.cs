using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// What follows from the end of a query of ours: first the tables learn of it, then the observers, last the
/// listener of the query.
/// </summary>
internal sealed class QueryEnds : ISendOwner
{
    private readonly NodeQueries _queries;
    private readonly Admission _admission;
    private readonly ExternalAddress _address;
    private readonly NodeObservers _observers;
    private readonly NodeFaults _faults;
    private readonly GuardedListeners _listeners;
    private readonly RefusalCounts _refusals = new();

    public QueryEnds(
        NodeQueries queries, Admission admission, ExternalAddress address, NodeObservers observers, NodeFaults faults)
    {
        _queries = queries;
        _admission = admission;
        _address = address;
        _observers = observers;
        _faults = faults;
        _listeners = new GuardedListeners(faults);
    }

    /// <summary>Acts on a response or an error, if it ends a query of ours.</summary>
    public void Settle(in KrpcMessage message, in Endpoint source, Instant now)
    {
        SettleResult result = _queries.Settle(message, source, now, out EndedQuery<NodeQuery> ended);
        if (result == SettleResult.Response)
        {
            TimeSpan roundTrip = now - ended.SentAt;
            _refusals.Clear(source);
            _admission.OnResponse(ended.Query.Expected, message.SenderId, source, now);
            _address.Count(message, source, now);
            _observers.Response(_faults, message, source, roundTrip);
            _listeners.Response(ended.Query, message, source, roundTrip);
        }
        else if (result == SettleResult.Error)
        {
            OnRefusal(ended.Query.Expected, source, now);
            _observers.Error(_faults, message, source);
            _listeners.Error(ended.Query, message, source);
        }
    }

    /// <summary>Notifies those who wait for unusually slow answers, and ends what was not answered in time.</summary>
    public void Expire(Instant now)
    {
        while (_queries.TryTakeLate(now, out NodeQuery query, out Endpoint destination))
        {
            _listeners.Late(query, destination);
        }

        while (_queries.TryTakeExpired(now, out EndedQuery<NodeQuery> ended, out bool isCutOff))
        {
            OnSilence(ended, isCutOff);
            _listeners.Timeout(ended);
        }
    }

    /// <summary>A query of ours has not left this machine, so nobody is held to be silent.</summary>
    void ISendOwner.OnRefused(long ticket, Instant now)
    {
        if (_queries.TryWithdraw(ticket, out EndedQuery<NodeQuery> ended))
        {
            _listeners.NotSent(ended);
        }
    }

    /// <summary>Ends all: no further answer will be taken.</summary>
    public void Stop()
    {
        while (_queries.TryTakeAny(out EndedQuery<NodeQuery> ended, out bool isCutOff))
        {
            OnSilence(ended, isCutOff);
            _listeners.Stop(ended);
        }
    }

    // An error is a sign of life. But one that only ever refuses is of no use to those it would be handed to.
    private void OnRefusal(in Expectation expected, in Endpoint source, Instant now)
    {
        if (_refusals.Add(source) > RefusalCounts.AllowedInARow)
        {
            _admission.OnFailure(expected, source, isCutOff: false);
        }
        else
        {
            _admission.OnRefusal(expected, source, now);
        }
    }

    private void OnSilence(in EndedQuery<NodeQuery> ended, bool isCutOff)
    {
        _admission.OnFailure(ended.Query.Expected, ended.Destination, isCutOff);
        _observers.Timeout(_faults, ended.Destination);
    }
}
