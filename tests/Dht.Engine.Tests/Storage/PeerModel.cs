using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Storage;

/// <summary>What a peer store should hold, written slowly.</summary>
internal sealed class PeerModel(int infoHashCapacity, int peerCapacity, int peersPerInfoHash)
{
    private readonly Dictionary<InfoHash, List<(Endpoint Peer, Instant At)>> _torrents = [];

    public int PeerCount => _torrents.Values.Sum(peers => peers.Count);

    public int InfoHashCount => _torrents.Count;

    public IEnumerable<InfoHash> InfoHashes => _torrents.Keys;

    public bool TryAdd(InfoHash infoHash, Endpoint peer, Instant now)
    {
        bool known = _torrents.GetValueOrDefault(infoHash)?.Any(entry => entry.Peer == peer) ?? false;
        if (!known && !MayEnter(infoHash, peer))
        {
            return false;
        }

        if (!_torrents.TryGetValue(infoHash, out List<(Endpoint Peer, Instant At)>? peers))
        {
            if (_torrents.Count == infoHashCapacity || PeerCount == peerCapacity)
            {
                return false;
            }

            _torrents[infoHash] = peers = [];
        }

        bool renewed = peers.RemoveAll(entry => entry.Peer == peer) > 0;
        if (!renewed && peers.Count == peersPerInfoHash)
        {
            peers.RemoveAt(0);
        }

        if (PeerCount == peerCapacity)
        {
            return false;
        }

        peers.Add((peer, now));
        return true;
    }

    private bool MayEnter(InfoHash infoHash, Endpoint peer)
    {
        int ofSite = CountAll(other => other.HasSameSite(peer));
        int ofNetwork = CountAll(other => IsSameNetwork(other, peer));
        int torrentsEach = Math.Max(16, infoHashCapacity / 64);
        if (!_torrents.TryGetValue(infoHash, out List<(Endpoint Peer, Instant At)>? peers))
        {
            return ofSite < Math.Min(torrentsEach, Math.Max(64, peerCapacity / 256))
                && ofNetwork < Math.Min(torrentsEach, Math.Max(64, peerCapacity / 64));
        }

        if (TryReplace(peers, other => other.HasSameSite(peer), Math.Clamp(peersPerInfoHash / 2, 1, 4)))
        {
            return true;
        }

        return ofSite < Math.Max(64, peerCapacity / 256)
            && (TryReplace(peers, other => IsSameNetwork(other, peer), Math.Clamp(peersPerInfoHash / 2, 1, 16))
                || ofNetwork < Math.Max(64, peerCapacity / 64));
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

    /// <summary>Of addresses that are not local.</summary>
    private static bool IsSameNetwork(Endpoint one, Endpoint other) => one.Family == other.Family
        && (one.IsIPv6 ? one.UpperBits >> 8 == other.UpperBits >> 8 : one.IPv4Bits >> 8 == other.IPv4Bits >> 8);

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
            }
        }
    }
}
