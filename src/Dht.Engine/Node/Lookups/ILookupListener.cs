using Dht.Engine.Addressing;
using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>Notified of what a lookup finds, on the engine's thread. What it throws is counted and reported.</summary>
public interface ILookupListener
{
    /// <summary>A node has named peers of the torrent. Several nodes name the same ones.</summary>
    /// <param name="peers">Borrowed for the duration of the call. Not checked: they may be anything.</param>
    /// <param name="source">The node that named them.</param>
    /// <param name="cookie">As given with the request.</param>
    void OnPeers(CompactPeers peers, in Endpoint source, long cookie)
    {
    }

    /// <summary>The lookup has ended; called exactly once.</summary>
    /// <param name="report">How it went.</param>
    /// <param name="closest">
    /// The nearest contacts that answered, nearest first, the IPv4 ones before the IPv6 ones. Borrowed for the duration
    /// of the call.
    /// </param>
    /// <param name="cookie">As given with the request.</param>
    void OnFinished(in LookupReport report, ReadOnlySpan<CompactNode> closest, long cookie);
}
