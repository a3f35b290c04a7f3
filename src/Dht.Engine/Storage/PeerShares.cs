namespace Dht.Engine.Storage;

/// <summary>
/// What those of one scope may have of a store: ports and infohashes cost nothing, and a /48 of IPv6, with 256
/// networks, can be had by anybody, so one host could otherwise take every place.
/// </summary>
/// <remarks>
/// <code>
///                 peers of a torrent   of all peers   infohashes brought   by default
/// site                     4               256th             64th           4 /   256 /  64
/// network                 16                64th             64th          16 / 1,024 /  64
/// /48                     32                32nd             32nd          32 / 2,048 / 128
/// /32                    128                 8th              8th         128 / 8,192 / 512
/// family                   -               7 of 8           7 of 8          - / 57,344 / 3,584
/// </code>
/// An eighth of the store stays for the other family, whatever comes over one.
/// </remarks>
internal readonly struct PeerShares
{
    private readonly ScopeTable _ofTorrent;
    private readonly ScopeTable _ofPeers;
    private readonly ScopeTable _ofInfoHashes;

    public PeerShares(PeerStoreOptions options)
    {
        (int infoHashes, int peers, int ofTorrent) =
            (options.InfoHashCapacity, options.PeerCapacity, options.PeersPerInfoHash);
        _ofTorrent[(int)PeerScope.Site] = Math.Clamp(ofTorrent / 2, 1, 4);
        _ofTorrent[(int)PeerScope.Network] = Math.Clamp(ofTorrent / 2, 1, 16);
        _ofTorrent[(int)PeerScope.Organisation] = Math.Clamp(ofTorrent / 2, 1, 32);
        _ofTorrent[(int)PeerScope.Provider] = Math.Clamp(ofTorrent / 2, 1, 128);
        _ofTorrent[(int)PeerScope.Family] = ofTorrent;
        _ofPeers[(int)PeerScope.Site] = Math.Max(64, peers / 256);
        _ofPeers[(int)PeerScope.Network] = Math.Max(64, peers / 64);
        _ofPeers[(int)PeerScope.Organisation] = Math.Max(64, peers / 32);
        _ofPeers[(int)PeerScope.Provider] = Math.Max(64, peers / 8);
        _ofPeers[(int)PeerScope.Family] = peers - (peers / 8);
        _ofInfoHashes[(int)PeerScope.Site] = Math.Max(16, infoHashes / 64);
        _ofInfoHashes[(int)PeerScope.Network] = Math.Max(16, infoHashes / 64);
        _ofInfoHashes[(int)PeerScope.Organisation] = Math.Max(16, infoHashes / 32);
        _ofInfoHashes[(int)PeerScope.Provider] = Math.Max(16, infoHashes / 8);
        _ofInfoHashes[(int)PeerScope.Family] = infoHashes - (infoHashes / 8);
    }

    /// <summary>The most peers of one torrent.</summary>
    public int OfTorrent(PeerScope scope) => _ofTorrent[(int)scope];

    /// <summary>The most of all peers.</summary>
    public int OfPeers(PeerScope scope) => _ofPeers[(int)scope];

    /// <summary>The most infohashes that were not there before.</summary>
    public int OfInfoHashes(PeerScope scope) => _ofInfoHashes[(int)scope];

    [System.Runtime.CompilerServices.InlineArray((int)PeerScope.Family + 1)]
    private struct ScopeTable
    {
        private int _first;
    }
}
