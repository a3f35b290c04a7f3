using System.Numerics;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Invariants;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Storage;

/// <summary>
/// The built-in peer store: a fixed number of peers and of infohashes. A peer lives 45 minutes after its last
/// announce (BEP 5 asks clients to announce every 30 or less).
/// </summary>
/// <remarks>
/// <code>
/// _heads[hash] -> torrent -> torrent of the same hash -> ...          chains, by index
///                    \-> its peers, in pages of 16
/// _used[0 .. InfoHashCount)                                           the torrents that there are, in no order
/// </code>
/// When one infohash has its fill, its oldest peer makes room; when the store has its fill, newcomers are refused
/// until something expires, so that a flood cannot push out what is there. A site
/// (<see cref="Endpoint.HasSameSite"/>) has at most 4 peers of one infohash, a network (an IPv4 /24, an IPv6 /56; of
/// local addresses each by itself) 16, the oldest of which makes room for its next. And both have a bounded share of
/// the whole, of the infohashes a 64th: ports and infohashes cost nothing, so one host could otherwise take every
/// place. Allocates only when created; one thread.
/// </remarks>
public sealed partial class PeerStore : IPeerStore
{
    /// <summary>The largest capacity, of infohashes and of peers.</summary>
    public const int CapacityMax = 1 << 24;

    private const int None = -1;
    private const int SiteInTorrentMax = 4;
    private const int NetworkInTorrentMax = 16;

    private readonly int[] _heads;
    private readonly Torrent[] _torrents;
    private readonly int[] _used;
    private readonly PeerPages _peers;
    private readonly EndpointHasher _hasher;
    private readonly IRandomSource _random;
    private readonly int _peerCapacity;
    private readonly int _peersPerTorrent;
    private readonly int _siteInTorrent;
    private readonly int _networkInTorrent;
    private readonly int _peersPerSite;
    private readonly int _peersPerNetwork;
    private readonly int _torrentsEach;
    private int _freeTorrent;

    /// <summary>Creates an empty store.</summary>
    /// <param name="options">Its bounds.</param>
    /// <param name="random">For the hash key and for choosing samples.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is out of its range.</exception>
    public PeerStore(PeerStoreOptions options, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        (int infoHashCapacity, int peerCapacity, int peersPerInfoHash) =
            (options.InfoHashCapacity, options.PeerCapacity, options.PeersPerInfoHash);
        _random = random;
        _hasher = new EndpointHasher(random.NextUInt64(), random.NextUInt64());
        _heads = new int[(int)BitOperations.RoundUpToPowerOf2((uint)infoHashCapacity)];
        _torrents = new Torrent[infoHashCapacity];
        _used = new int[infoHashCapacity];
        _peers = new PeerPages(peerCapacity, infoHashCapacity, _hasher);
        _peerCapacity = peerCapacity;
        _peersPerTorrent = peersPerInfoHash;
        _siteInTorrent = Math.Clamp(peersPerInfoHash / 2, 1, SiteInTorrentMax);
        _networkInTorrent = Math.Clamp(peersPerInfoHash / 2, 1, NetworkInTorrentMax);
        _peersPerSite = Math.Max(64, peerCapacity / 256);
        _peersPerNetwork = Math.Max(64, peerCapacity / 64);
        _torrentsEach = Math.Max(16, infoHashCapacity / 64);
        _heads.AsSpan().Fill(None);
        for (int i = 0; i < _torrents.Length; i++)
        {
            _torrents[i].Next = i + 1 < _torrents.Length ? i + 1 : None;
        }
    }

    /// <summary>How long a peer is kept after its last announce.</summary>
    public static TimeSpan PeerLifetime => StoredPeer.Lifetime;

    /// <inheritdoc/>
    public int PeerCount => _peers.Count;

    /// <inheritdoc/>
    public int InfoHashCount { get; private set; }

    /// <inheritdoc/>
    public bool TryAdd(in InfoHash infoHash, in Endpoint peer, Instant now)
    {
        int torrent = Find(infoHash);
        if (torrent != None && _peers.TryRenew(_torrents[torrent].Peers, peer, now))
        {
            return true;
        }

        if (torrent == None
            ? !MayBringTorrent(peer) || PeerCount == _peerCapacity || !TryAddTorrent(infoHash, out torrent)
            : !MayJoin(ref _torrents[torrent].Peers, peer))
        {
            return false;
        }

        ref PeerList home = ref _torrents[torrent].Peers;
        if (home.Count >= _peersPerTorrent)
        {
            _peers.Remove(ref home, _peers.Oldest(home, PeerScope.All, peer, out _));
        }

        if (PeerCount == _peerCapacity)
        {
            return false;
        }

        _peers.Add(ref home, peer, now);
        return true;
    }

    /// <inheritdoc/>
    public int CopyPeers(in InfoHash infoHash, IpFamily family, Span<byte> destination, Instant now)
    {
        int torrent = Find(infoHash);
        if (torrent == None)
        {
            return 0;
        }

        ref readonly PeerList peers = ref _torrents[torrent].Peers;
        int start = (int)(_random.NextUInt32() % (uint)peers.Count);
        int written = _peers.Copy(peers, start..peers.Count, family, destination, now);
        return written + _peers.Copy(peers, 0..start, family, destination[written..], now);
    }

    /// <inheritdoc/>
    public int CopySamples(Span<byte> destination)
    {
        int count = Math.Min(destination.Length / InfoHash.Size, InfoHashCount);
        int next = count > 0 ? (int)(_random.NextUInt32() % (uint)InfoHashCount) : 0;
        int written = 0;
        for (; written < count * InfoHash.Size; written += InfoHash.Size)
        {
            _torrents[_used[next]].InfoHash.CopyTo(destination[written..]);
            next = next + 1 == InfoHashCount ? 0 : next + 1;
        }

        return written;
    }

    /// <inheritdoc/>
    public void Expire(Instant now)
    {
        // From the end, because a torrent that goes gives its place to the last.
        for (int i = InfoHashCount - 1; i >= 0; i--)
        {
            ref PeerList peers = ref _torrents[_used[i]].Peers;
            _peers.RemoveExpired(ref peers, now);
            if (peers.Count == 0)
            {
                FreeTorrent(_used[i]);
            }
        }
    }

    private bool TryAddTorrent(in InfoHash infoHash, out int torrent)
    {
        torrent = _freeTorrent;
        if (torrent == None)
        {
            return false;
        }

        Invariant.Holds(_torrents[torrent].Peers.Count == 0, "a free torrent has no peers");
        _freeTorrent = _torrents[torrent].Next;
        ref int head = ref HeadOf(infoHash);
        _torrents[torrent] = new Torrent { InfoHash = infoHash, Next = head, Place = InfoHashCount };
        head = torrent;
        _used[InfoHashCount++] = torrent;
        return true;
    }

    // A site that is an infohash's only announcer holds a peer in it, so the cap on its peers also caps the
    // infohashes it can add.
    private bool MayBringTorrent(in Endpoint peer) => _peers.CountOfSite(peer) < Math.Min(_peersPerSite, _torrentsEach)
        && _peers.CountOfNetwork(peer) < Math.Min(_peersPerNetwork, _torrentsEach);

    /// <summary>
    /// Whether a site and its network may have one more peer of a torrent; where they have their fill of it, their
    /// oldest goes.
    /// </summary>
    private bool MayJoin(ref PeerList peers, in Endpoint peer)
    {
        // Nearly no site or network has so many anywhere, so the list need not be read for it.
        int ofSite = _peers.CountOfSite(peer);
        int count = 0;
        int oldest = ofSite < _siteInTorrent ? None : _peers.Oldest(peers, PeerScope.Site, peer, out count);
        if (oldest != None && count >= _siteInTorrent)
        {
            _peers.Remove(ref peers, oldest);
            return true;
        }

        int ofNetwork = _peers.CountOfNetwork(peer);
        if (ofSite >= _peersPerSite)
        {
            return false;
        }

        oldest = ofNetwork < _networkInTorrent ? None : _peers.Oldest(peers, PeerScope.Network, peer, out count);
        if (oldest != None && count >= _networkInTorrent)
        {
            _peers.Remove(ref peers, oldest);
            return true;
        }

        return ofNetwork < _peersPerNetwork;
    }

    private void FreeTorrent(int torrent)
    {
        Invariant.Holds(_torrents[torrent].Peers.Count == 0, "a torrent goes when its last peer is gone");
        Invariant.Holds(_used[_torrents[torrent].Place] == torrent, "a torrent knows its place among the used ones");
        ref int link = ref HeadOf(_torrents[torrent].InfoHash);
        while (link != torrent)
        {
            link = ref _torrents[link].Next;
        }

        link = _torrents[torrent].Next;
        _torrents[torrent].Next = _freeTorrent;
        _freeTorrent = torrent;
        int last = _used[--InfoHashCount];
        _used[_torrents[torrent].Place] = last;
        _torrents[last].Place = _torrents[torrent].Place;
    }

    private int Find(in InfoHash infoHash)
    {
        int torrent = HeadOf(infoHash);
        while (torrent != None && _torrents[torrent].InfoHash != infoHash)
        {
            torrent = _torrents[torrent].Next;
        }

        return torrent;
    }

    private ref int HeadOf(in InfoHash infoHash)
    {
        // All of the first 128 bits, since an outsider chooses them; 32 more would only cost time.
        NodeId bits = infoHash.AsNodeId;
        ulong hash = _hasher.Hash(_hasher.Hash(bits.Prefix64) ^ bits.Middle64);
        return ref _heads[(int)(hash & (ulong)(_heads.Length - 1))];
    }

    private struct Torrent
    {
        public InfoHash InfoHash;
        public PeerList Peers;
        public int Next;
        public int Place;
    }
}
