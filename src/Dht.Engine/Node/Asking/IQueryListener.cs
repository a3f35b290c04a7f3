using Dht.Engine.Addressing;
using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>
/// Notified of how a query of ours ended: exactly one of response, error, timeout, not sent and stop, exactly once.
/// Called on the engine's thread; it may ask again.
/// </summary>
public interface IQueryListener
{
    /// <summary>The contact answered.</summary>
    /// <param name="response">Borrowed for the duration of the call.</param>
    /// <param name="source">The endpoint that answered.</param>
    /// <param name="roundTrip">From sending to receiving.</param>
    /// <param name="cookie">As given with the query.</param>
    void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie);

    /// <summary>The contact answered with an error.</summary>
    /// <param name="error">Borrowed for the duration of the call.</param>
    /// <param name="source">The endpoint that answered.</param>
    /// <param name="cookie">As given with the query.</param>
    void OnError(in KrpcMessage error, in Endpoint source, long cookie);

    /// <summary>No answer came in time.</summary>
    /// <param name="destination">The endpoint that was asked.</param>
    /// <param name="cookie">As given with the query.</param>
    void OnTimeout(in Endpoint destination, long cookie);

    /// <summary>
    /// The system refused to send the query (no route, no permission, no room), so nobody was asked. What asks again at
    /// once will most likely be refused again.
    /// </summary>
    /// <param name="destination">The endpoint that was to be asked.</param>
    /// <param name="cookie">As given with the query.</param>
    void OnNotSent(in Endpoint destination, long cookie) => OnTimeout(destination, cookie);

    /// <summary>The node was closed before an answer came. No further query can be sent.</summary>
    /// <param name="destination">The endpoint that was asked.</param>
    /// <param name="cookie">As given with the query.</param>
    void OnStopped(in Endpoint destination, long cookie) => OnTimeout(destination, cookie);

    /// <summary>
    /// The answer takes longer than nearly all do. The query has not ended: the answer may still come. A lookup asks
    /// another node in its place.
    /// </summary>
    /// <param name="destination">The endpoint that was asked.</param>
    /// <param name="cookie">As given with the query.</param>
    void OnLate(in Endpoint destination, long cookie)
    {
    }
}
