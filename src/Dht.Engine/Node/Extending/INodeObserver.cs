using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>
/// Notified of what happens in a node; implement what you need. Called on the engine's thread, so be quick; what it
/// throws is counted and reported. Views and spans are borrowed for the duration of the call.
/// </summary>
public interface INodeObserver
{
    /// <summary>A contact has entered the routing table.</summary>
    void OnContactFound(in CompactNode contact)
    {
    }

    /// <summary>A contact has left the routing table.</summary>
    void OnContactLost(in CompactNode contact)
    {
    }

    /// <summary>A query has arrived and is within its address's rate. It has not been answered yet.</summary>
    void OnQuery(in KrpcMessage query, in Endpoint source)
    {
    }

    /// <summary>A query of ours was answered.</summary>
    void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip)
    {
    }

    /// <summary>A query of ours was answered with an error.</summary>
    void OnError(in KrpcMessage error, in Endpoint source)
    {
    }

    /// <summary>A query of ours was not answered in time.</summary>
    void OnTimeout(in Endpoint destination)
    {
    }

    /// <summary>A peer has been stored for an asker that showed a valid token.</summary>
    void OnAnnounce(in InfoHash infoHash, in Endpoint peer)
    {
    }

    /// <summary>
    /// The address under which others see us has changed, by their majority or by hand. By then the node has its new
    /// id, if the old one did not fit the address (BEP 42).
    /// </summary>
    /// <param name="previous">
    /// The previous address; its family is <see cref="IpFamily.None"/> when it was not known.
    /// </param>
    /// <param name="current">The current address.</param>
    void OnExternalAddressChanged(in Endpoint previous, in Endpoint current)
    {
    }

    /// <summary>A lookup has ended.</summary>
    void OnLookupFinished(in LookupReport report)
    {
    }
}
