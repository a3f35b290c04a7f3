using Dht.Engine.Invariants;

namespace Dht.Engine.Storage;

/// <content>What must be true of the torrents.</content>
public sealed partial class PeerStore
{
    /// <summary>
    /// Walks all torrents: each is free, or used and found by its infohash; then the pages of their peers.
    /// </summary>
    internal void CheckInvariants()
    {
        int free = 0;
        for (int torrent = _freeTorrent; torrent != None; torrent = _torrents[torrent].Next)
        {
            Invariant.Holds(++free <= _torrents.Length, "the free list ends");
        }

        int chained = 0;
        foreach (int head in _heads)
        {
            for (int torrent = head; torrent != None; torrent = _torrents[torrent].Next)
            {
                Invariant.Holds(++chained <= InfoHashCount, "a chain ends, and has only used torrents");
            }
        }

        Invariant.Holds(chained == InfoHashCount, "every used torrent hangs on a chain");
        Invariant.Holds(free + InfoHashCount == _torrents.Length, "every torrent is free or used");
        for (int i = 0; i < InfoHashCount; i++)
        {
            ref readonly Torrent torrent = ref _torrents[_used[i]];
            Invariant.Holds(torrent.Place == i, "a torrent knows its place among the used ones");
            Invariant.Holds(Find(torrent.InfoHash) == _used[i], "a torrent is found by its infohash");
            Invariant.Holds(
                torrent.Peers.Count >= 1
                    && torrent.Peers.CountIPv6 <= _shares.OfTorrent(PeerScope.Family)
                    && torrent.Peers.Count - torrent.Peers.CountIPv6 <= _shares.OfTorrent(PeerScope.Family),
                "a torrent has its peers");
        }

        Invariant.Holds(
            _used.Take(InfoHashCount).Count(torrent => _torrents[torrent].Bringer.IsIPv6) == _broughtByIPv6,
            "who brought a torrent is counted");
        _bringers.CheckInvariants(_broughtByIPv6);

        Invariant.Holds(PeerCount <= _peerCapacity, "there are no more peers than the store may have");
        _peers.CheckInvariants(_used.Take(InfoHashCount).Select(torrent => _torrents[torrent].Peers));
    }
}
