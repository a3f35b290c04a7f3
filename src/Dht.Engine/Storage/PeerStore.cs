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
/// When one infohash has its fill, of either family, the oldest peer of that family makes room; when the store has its
/// fill, newcomers are refused until something expires, so that a flood cannot push out what is there. A site
/// (<see cref="Endpoint.HasSameSite"/>) has at most 4 peers of one infohash, a network (an IPv4 /24, an IPv6 /56; of
/// local addresses each by itself) 16, an IPv6 /48 32, a /32 128; their oldest makes room for their next. All of them
/// have a bounded share of the whole, too, and each family leaves an eighth to the other: see <see cref="PeerShares"/>.
/// Allocates only when created; one thread.
/// </remarks>
public sealed partial class PeerStore : IPeerStore
{
    /// <summary>The largest capacity, of infohashes and of peers.</summary>
    public const int CapacityMax = 1 << 24;

    private const int None = -1;

    private readonly int[] _heads;
    private readonly Torrent[] _torrents;
    private readonly int[] _used;
    private readonly PeerPages _peers;
    private readonly EndpointHasher _hasher;
    private readonly IRandomSource _random;
    private readonly int _peerCapacity;
    private readonly PeerShares _shares;

    // Who brought the infohashes that are here. Of sites and networks it is not counted: one that is the only announcer
    // of an infohash holds a peer in it, so the bound on its peers is one on what it brings.
    private readonly BlockCounts _bringers;
    private int _broughtByIPv6;
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
        int infoHashCapacity = options.InfoHashCapacity;
        _random = random;
        _hasher = new EndpointHasher(random.NextUInt64(), random.NextUInt64());
        _heads = new int[(int)BitOperations.RoundUpToPowerOf2((uint)infoHashCapacity)];
        _torrents = new Torrent[infoHashCapacity];
        _used = new int[infoHashCapacity];
        _peers = new PeerPages(options.PeerCapacity, infoHashCapacity, _hasher);
        _peerCapacity = options.PeerCapacity;
        _shares = new PeerShares(options);
        _bringers = new BlockCounts(infoHashCapacity, _hasher);
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
            ? !MayBringTorrent(peer) || !TryAddTorrent(infoHash, peer, out torrent)
            : !MayJoin(ref _torrents[torrent].Peers, peer))
        {
            return false;
        }

        _peers.Add(ref _torrents[torrent].Peers, peer, now);
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

    private bool TryAddTorrent(in InfoHash infoHash, in Endpoint bringer, out int torrent)
    {
        torrent = _freeTorrent;
        if (torrent == None)
        {
            return false;
        }

        Invariant.Holds(_torrents[torrent].Peers.Count == 0, "a free torrent has no peers");
        _freeTorrent = _torrents[torrent].Next;
        ref int head = ref HeadOf(infoHash);
        _torrents[torrent] = new Torrent
        {
            InfoHash = infoHash,
            Bringer = bringer,
            Next = head,
            Place = InfoHashCount,
        };
        _bringers.Add(bringer);
        _broughtByIPv6 += bringer.IsIPv6 ? 1 : 0;
        head = torrent;
        _used[InfoHashCount++] = torrent;
        return true;
    }

    private bool MayBringTorrent(in Endpoint peer)
    {
        if (PeerCount == _peerCapacity)
        {
            return false;
        }

        for (PeerScope scope = PeerScope.Site; scope <= PeerScope.Family; scope++)
        {
            if (_peers.CountOf(scope, peer) >= _shares.OfPeers(scope)
                || BroughtBy(scope, peer) >= _shares.OfInfoHashes(scope))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>How many infohashes those of a scope have brought, or more.</summary>
    private int BroughtBy(PeerScope scope, in Endpoint peer) => scope switch
    {
        PeerScope.Site or PeerScope.Network => _peers.CountOf(scope, peer),
        PeerScope.Organisation => _bringers.OfOrganisation(peer),
        PeerScope.Provider => _bringers.OfProvider(peer),
        _ => peer.IsIPv6 ? _broughtByIPv6 : InfoHashCount - _broughtByIPv6,
    };

    /// <summary>
    /// Whether there may be one more peer of a torrent. Where those of one scope have their fill of it, their oldest
    /// goes, and nobody else's.
    /// </summary>
    private bool MayJoin(ref PeerList peers, in Endpoint peer)
    {
        for (PeerScope scope = PeerScope.Site; scope <= PeerScope.Family; scope++)
        {
            // Nearly no site or network has so many anywhere, so the list need not be read for it.
            int inAll = _peers.CountOf(scope, peer);
            if (inAll >= _shares.OfTorrent(scope) && TryReplaceOldest(scope, ref peers, peer))
            {
                return true;
            }

            if (inAll >= _shares.OfPeers(scope))
            {
                return false;
            }
        }

        return PeerCount < _peerCapacity;
    }

    private bool TryReplaceOldest(PeerScope scope, ref PeerList peers, in Endpoint peer)
    {
        int most = _shares.OfTorrent(scope);
        if (peers.CountOf(peer) < most)
        {
            return false;
        }

        int oldest = _peers.Oldest(peers, scope, peer, out int count);
        if (count < most)
        {
            return false;
        }

        _peers.Remove(ref peers, oldest);
        return true;
    }

    private void FreeTorrent(int torrent)
    {
        Invariant.Holds(_torrents[torrent].Peers.Count == 0, "a torrent goes when its last peer is gone");
        Invariant.Holds(_used[_torrents[torrent].Place] == torrent, "a torrent knows its place among the used ones");
        _bringers.Remove(_torrents[torrent].Bringer);
        _broughtByIPv6 -= _torrents[torrent].Bringer.IsIPv6 ? 1 : 0;
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
        public Endpoint Bringer;
        public PeerList Peers;
        public int Next;
        public int Place;
    }
}
