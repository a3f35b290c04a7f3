using Dht.Engine.Addressing;
using Dht.Engine.Timing;

namespace Dht.Engine.Storage;

/// <summary>A peer of a torrent, and when it last said so.</summary>
internal struct StoredPeer
{
    /// <summary>How long a peer is kept that does not announce itself again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(45);

    public Endpoint Endpoint;
    public Instant AnnouncedAt;

    public readonly bool IsExpired(Instant now) => now - AnnouncedAt > Lifetime;
}
