using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Storage;

/// <summary>What a peer store should hold, written slowly.</summary>
internal sealed class PeerModel(int infoHashCapacity, int peerCapacity, int peersPerInfoHash)
{
    private readonly Dictionary<InfoHash, List<(Endpoint Peer, Instant At)>> _torrents = [];

    private readonly Dictionary<InfoHash, Endpoint> _bringers = [];

    public int PeerCount => _torrents.Values.Sum(peers => peers.Count);

    public int InfoHashCount => _torrents.Count;

    public IEnumerable<InfoHash> InfoHashes => _torrents.Keys;

    public bool TryAdd(InfoHash infoHash, Endpoint peer, Instant now)
    {
        if (!_torrents.TryGetValue(infoHash, out List<(Endpoint Peer, Instant At)>? peers))
        {
            if (_torrents.Count == infoHashCapacity || !MayBring(peer))
            {
                return false;
            }

            _torrents[infoHash] = peers = [];
            _bringers[infoHash] = peer;
        }
        else if (peers.RemoveAll(entry => entry.Peer == peer) == 0 && !MayJoin(peers, peer))
        {
            return false;
        }

        peers.Add((peer, now));
        return true;
    }

    /// <summary>Of a scope around a peer: who is in it, and how many of a torrent, of all, and of infohashes.</summary>
    private (Func<Endpoint, bool> Has, int OfTorrent, int OfPeers, int OfInfoHashes)[] Scopes(Endpoint peer) =>
    [
        (other => other.HasSameSite(peer), OfTorrent(4), AtLeast64(256), Math.Max(16, infoHashCapacity / 64)),
        (other => IsSameBlock(other, peer, 56), OfTorrent(16), AtLeast64(64), Math.Max(16, infoHashCapacity / 64)),
        (other => IsSameBlock(other, peer, 48), OfTorrent(32), AtLeast64(32), Math.Max(16, infoHashCapacity / 32)),
        (other => IsSameBlock(other, peer, 32), OfTorrent(128), AtLeast64(8), Math.Max(16, infoHashCapacity / 8)),
        (
            other => other.Family == peer.Family,
            peersPerInfoHash,
            peerCapacity - (peerCapacity / 8),
            infoHashCapacity - (infoHashCapacity / 8)),
    ];

    private int OfTorrent(int most) => Math.Clamp(peersPerInfoHash / 2, 1, most);

    private int AtLeast64(int share) => Math.Max(64, peerCapacity / share);

    private bool MayBring(Endpoint peer) => PeerCount < peerCapacity && Scopes(peer).Index().All(scope =>
        CountAll(scope.Item.Has) < scope.Item.OfPeers
        && (scope.Index < 2 ? CountAll(scope.Item.Has) : _bringers.Values.Count(scope.Item.Has))
            < scope.Item.OfInfoHashes);

    private bool MayJoin(List<(Endpoint Peer, Instant At)> peers, Endpoint peer)
    {
        foreach (var (has, ofTorrent, ofPeers, _) in Scopes(peer))
        {
            if (TryReplace(peers, has, ofTorrent))
            {
                return true;
            }

            if (CountAll(has) >= ofPeers)
            {
                return false;
            }
        }

        return PeerCount < peerCapacity;
    }

    private static bool TryReplace(List<(Endpoint Peer, Instant At)> peers, Func<Endpoint, bool> isOfThem, int most)
    {
        if (peers.Count(entry => isOfThem(entry.Peer)) < most)
        {
            return false;
        }

        peers.RemoveAt(peers.FindIndex(entry => isOfThem(entry.Peer)));
        return true;
    }

    private int CountAll(Func<Endpoint, bool> isOfThem) =>
        _torrents.Values.Sum(list => list.Count(entry => isOfThem(entry.Peer)));

    /// <summary>
    /// Of addresses that are not local; over IPv4 a /24 stands for a /56, and larger blocks do not count.
    /// </summary>
    private static bool IsSameBlock(Endpoint one, Endpoint other, int bits) => one.Family == other.Family
        && (one.IsIPv6
            ? one.UpperBits >> (64 - bits) == other.UpperBits >> (64 - bits)
            : bits == 56 && one.IPv4Bits >> 8 == other.IPv4Bits >> 8);

    public HashSet<Endpoint> Peers(InfoHash infoHash, IpFamily family, Instant now) =>
        _torrents.TryGetValue(infoHash, out List<(Endpoint Peer, Instant At)>? peers)
            ? [.. peers
                .Where(entry => entry.Peer.Family == family && now - entry.At <= PeerStore.PeerLifetime)
                .Select(entry => entry.Peer)]
            : [];

    public void Expire(Instant now)
    {
        foreach (InfoHash infoHash in _torrents.Keys.ToArray())
        {
            _torrents[infoHash].RemoveAll(entry => now - entry.At > PeerStore.PeerLifetime);
            if (_torrents[infoHash].Count == 0)
            {
                _torrents.Remove(infoHash);
                _bringers.Remove(infoHash);
            }
        }
    }
}
