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
        int ofSite = _torrents.Values.Sum(list => list.Count(entry => entry.Peer.HasSameSite(peer)));
        int ofSiteHere = _torrents.GetValueOrDefault(infoHash)?.Count(entry => entry.Peer.HasSameSite(peer)) ?? 0;
        bool known = _torrents.GetValueOrDefault(infoHash)?.Any(entry => entry.Peer == peer) ?? false;
        if (!known && ofSiteHere == 4)
        {
            _torrents[infoHash].RemoveAt(_torrents[infoHash].FindIndex(entry => entry.Peer.HasSameSite(peer)));
        }
        else if (!known && (ofSite >= Math.Max(64, peerCapacity / 256)
            || (!_torrents.ContainsKey(infoHash) && ofSite >= Math.Max(16, infoHashCapacity / 64))))
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

    public HashSet<Endpoint> Peers(InfoHash infoHash, AddressKind kind, Instant now) =>
        _torrents.TryGetValue(infoHash, out List<(Endpoint Peer, Instant At)>? peers)
            ? [.. peers.Where(entry => entry.Peer.Kind == kind && now - entry.At <= PeerStore.PeerLifetime).Select(entry => entry.Peer)]
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
