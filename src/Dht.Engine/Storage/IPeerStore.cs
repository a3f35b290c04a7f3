using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Timing;

namespace Dht.Engine.Storage;

/// <summary>
/// Where a node keeps the peers that were announced to it. Called from the engine's loop only; must answer at once
/// and have a bound.
/// </summary>
public interface IPeerStore
{
    /// <summary>Peers stored now, including expired ones that were not dropped yet.</summary>
    int PeerCount { get; }

    /// <summary>Infohashes that have a peer stored.</summary>
    int InfoHashCount { get; }

    /// <summary>
    /// Stores a peer or renews it; false when the store, or the share of it that the address may have, is full.
    /// </summary>
    bool TryAdd(in InfoHash infoHash, in Endpoint peer, Instant now);

    /// <summary>
    /// Copies peers of one family in compact form, as many as there are and fit, beginning at a random place.
    /// </summary>
    /// <returns>Bytes written, a multiple of the compact size of the family.</returns>
    int CopyPeers(in InfoHash infoHash, IpFamily family, Span<byte> destination, Instant now);

    /// <summary>
    /// Copies stored infohashes, 20 bytes each and each once, beginning at a random place. The node hands out one such
    /// choice for as long as it announces (BEP 51).
    /// </summary>
    /// <returns>Bytes written, a multiple of 20.</returns>
    int CopySamples(Span<byte> destination);

    /// <summary>Drops what has expired.</summary>
    void Expire(Instant now);
}
