using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// What follows from the end of a query of ours: first the table learns of it, then the observers, last the one who asked.
/// </summary>
internal sealed class QueryEnds(Admission admission, NodeObservers observers, NodeFaults faults)
{
    private readonly GuardedListeners _listeners = new(faults);

    public void Response(in EndedQuery<NodeQuery> ended, in KrpcMessage response, in Endpoint source, Instant now)
    {
        TimeSpan roundTrip = now - ended.SentAt;
        observers.Response(faults, response, source, roundTrip);
        _listeners.Response(ended.Query, response, source, roundTrip);
    }

    public void Error(in NodeQuery query, in KrpcMessage error, in Endpoint source)
    {
        admission.OnFailure(query.Expected, source, isCutOff: false);
        observers.Error(faults, error, source);
        _listeners.Error(query, error, source);
    }

    /// <param name="ended">The query.</param>
    /// <param name="isCutOff">Whether nobody at all has answered since it was sent.</param>
    public void Timeout(in EndedQuery<NodeQuery> ended, bool isCutOff)
    {
        Fail(ended, isCutOff);
        _listeners.Timeout(ended);
    }

    /// <param name="ended">The query.</param>
    /// <param name="isCutOff">Whether nobody at all has answered since it was sent.</param>
    public void Stop(in EndedQuery<NodeQuery> ended, bool isCutOff)
    {
        Fail(ended, isCutOff);
        _listeners.Stop(ended);
    }

    /// <summary>The answer takes unusually long; the query has not ended.</summary>
    public void Late(in NodeQuery query, in Endpoint destination) => _listeners.Late(query, destination);

    private void Fail(in EndedQuery<NodeQuery> ended, bool isCutOff)
    {
        admission.OnFailure(ended.Query.Expected, ended.Destination, isCutOff);
        observers.Timeout(faults, ended.Destination);
    }
}
