using Dht.Engine.Addressing;
using Dht.Engine.Timing;

namespace Dht.Engine.Storage;

/// <summary>A peer of a torrent, and when it last said so.</summary>
internal struct StoredPeer
{
    public Endpoint Endpoint;
    public Instant AnnouncedAt;

    public readonly bool IsExpired(Instant now) => now - AnnouncedAt > PeerStore.PeerLifetime;
}
