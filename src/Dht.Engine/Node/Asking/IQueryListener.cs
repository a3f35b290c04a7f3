using Dht.Engine.Addressing;
using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>
/// Told how a query of ours ended: exactly one of response, error and timeout, exactly once. Called from the engine's loop; it may
/// ask again.
/// </summary>
public interface IQueryListener
{
    /// <summary>The contact answered.</summary>
    /// <param name="response">Borrowed for the duration of the call.</param>
    /// <param name="source">Who answered.</param>
    /// <param name="roundTrip">From sending to receiving.</param>
    /// <param name="cookie">As given with the query.</param>
    void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie);

    /// <summary>The contact answered with an error.</summary>
    /// <param name="error">Borrowed for the duration of the call.</param>
    /// <param name="source">Who answered.</param>
    /// <param name="cookie">As given with the query.</param>
    void OnError(in KrpcMessage error, in Endpoint source, long cookie);

    /// <summary>No answer came in time.</summary>
    /// <param name="destination">Who was asked.</param>
    /// <param name="cookie">As given with the query.</param>
    void OnTimeout(in Endpoint destination, long cookie);

    /// <summary>
    /// The answer takes longer than nearly all do. The query has not ended: the answer may still come. A lookup gives its place to
    /// somebody else.
    /// </summary>
    /// <param name="destination">Who was asked.</param>
    /// <param name="cookie">As given with the query.</param>
    void OnLate(in Endpoint destination, long cookie)
    {
    }
}
