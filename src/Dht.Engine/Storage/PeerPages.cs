using Dht.Engine.Addressing;
using Dht.Engine.Invariants;
using Dht.Engine.Timing;

namespace Dht.Engine.Storage;

/// <summary>
/// The peers of all torrents, in pages of 16: a torrent with hundreds of them is read page by page, and not with a
/// cache miss for each.
/// </summary>
/// <remarks>
/// <code>
/// list -> page [ peer 0 .. peer n )   n of 1 to 16     _next -> page [ 16 peers ] -> page [ 16 peers ] -> none
/// </code>
/// All pages of a list but its first are full: a peer is added to the first page, and one that goes is replaced by
/// the last of the first page. So the order says nothing, and the oldest is found by its time. A peer is named by its
/// slot, its place in all pages, until one of its list is removed. Allocates only when created; one thread.
/// </remarks>
internal sealed partial class PeerPages
{
    public const int None = -1;

    private const int PageBits = 4;
    private const int PageSize = 1 << PageBits;

    private readonly StoredPeer[] _peers;
    private readonly int[] _next;
    private readonly SourceCounts _sites;
    private readonly SourceCounts _networks;
    private readonly BlockCounts _blocks;
    private int _free;

    /// <param name="peers">The most peers in all, at most 2^24.</param>
    /// <param name="lists">The most lists that have a peer, at most 2^24.</param>
    /// <param name="hasher">For counting by site.</param>
    public PeerPages(int peers, int lists, EndpointHasher hasher)
    {
        // Each list may leave all but one place of its first page free.
        int pages = (peers + ((PageSize - 1) * Math.Min(lists, peers))) >> PageBits;
        _peers = new StoredPeer[pages << PageBits];
        _next = new int[pages];
        _sites = new SourceCounts(peers, hasher);
        _networks = new SourceCounts(peers, hasher);
        _blocks = new BlockCounts(peers, hasher);
        for (int page = 0; page < pages; page++)
        {
            _next[page] = page + 1 < pages ? page + 1 : None;
        }
    }

    /// <summary>Peers in all lists.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them are IPv6.</summary>
    public int CountIPv6 { get; private set; }

    /// <summary>Peers in all lists that are, seen from one, of a scope.</summary>
    public int CountOf(PeerScope scope, in Endpoint peer) => scope switch
    {
        PeerScope.Site => _sites.CountOf(peer),
        PeerScope.Network => _networks.CountOf(peer.Network()),
        PeerScope.Organisation => _blocks.OfOrganisation(peer),
        PeerScope.Provider => _blocks.OfProvider(peer),
        _ => peer.IsIPv6 ? CountIPv6 : Count - CountIPv6,
    };

    /// <summary>Adds a peer that the list does not have; there must be room.</summary>
    public void Add(ref PeerList list, in Endpoint peer, Instant now)
    {
        int place = list.Count & (PageSize - 1);
        if (place == 0)
        {
            int page = _free;
            Invariant.Holds(page != None, "there are pages for as many peers and lists as may be");
            _free = _next[page];
            _next[page] = FirstOf(list);
            list.FirstPage = page;
        }

        _peers[(list.FirstPage << PageBits) + place] = new StoredPeer { Endpoint = peer, AnnouncedAt = now };
        int ofIPv6 = peer.IsIPv6 ? 1 : 0;
        list.Count++;
        list.CountIPv6 += ofIPv6;
        Count++;
        CountIPv6 += ofIPv6;
        _sites.Add(peer);
        _networks.Add(peer.Network());
        _blocks.Add(peer);
    }

    /// <summary>Takes a peer out of its list.</summary>
    public void Remove(ref PeerList list, int slot)
    {
        Invariant.Holds(list.Count > 0 && Count > 0, "a peer is removed from a list that has one");
        Endpoint peer = _peers[slot].Endpoint;
        int ofIPv6 = peer.IsIPv6 ? 1 : 0;
        _sites.Remove(peer);
        _networks.Remove(peer.Network());
        _blocks.Remove(peer);
        list.Count--;
        list.CountIPv6 -= ofIPv6;
        Count--;
        CountIPv6 -= ofIPv6;
        int place = list.Count & (PageSize - 1);
        _peers[slot] = _peers[(list.FirstPage << PageBits) + place];
        if (place == 0)
        {
            int page = list.FirstPage;
            list.FirstPage = _next[page];
            _next[page] = _free;
            _free = page;
        }
    }

    /// <summary>Takes out of a list what has expired.</summary>
    public void RemoveExpired(ref PeerList list, Instant now)
    {
        for (int page = FirstOf(list); page != None;)
        {
            // From the end, because what fills a gap is then a peer that has been looked at, even when this page
            // becomes the first. And the page may be gone at its end.
            int next = _next[page];
            for (int i = PeersOf(list, page).Length - 1; i >= 0; i--)
            {
                int slot = (page << PageBits) + i;
                if (_peers[slot].IsExpired(now))
                {
                    Remove(ref list, slot);
                }
            }

            page = next;
        }
    }

    /// <summary>Notes that a peer was announced again; false when the list does not have it.</summary>
    public bool TryRenew(in PeerList list, in Endpoint peer, Instant now)
    {
        for (int page = FirstOf(list); page != None; page = _next[page])
        {
            foreach (ref StoredPeer stored in PeersOf(list, page))
            {
                if (stored.Endpoint == peer)
                {
                    stored.AnnouncedAt = now;
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>
    /// The slot of the peer that was announced the longest ago; <see cref="None"/> if the list has no such peer.
    /// </summary>
    /// <param name="list">The list.</param>
    /// <param name="scope">Which of its peers to look at.</param>
    /// <param name="peer">The peer that the scope is seen from.</param>
    /// <param name="count">How many there are.</param>
    public int Oldest(in PeerList list, PeerScope scope, in Endpoint peer, out int count)
    {
        int oldest = None;
        Instant since = Instant.Never;
        count = 0;
        for (int page = FirstOf(list); page != None; page = _next[page])
        {
            Span<StoredPeer> peers = PeersOf(list, page);
            for (int i = 0; i < peers.Length; i++)
            {
                if (!IsOf(scope, peers[i].Endpoint, peer))
                {
                    continue;
                }

                count++;
                if (peers[i].AnnouncedAt <= since)
                {
                    since = peers[i].AnnouncedAt;
                    oldest = (page << PageBits) + i;
                }
            }
        }

        return oldest;
    }

    /// <summary>Copies peers in compact form, as many as fit: those of one family at some places of a list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="places">Places, counted from the beginning of the list.</param>
    /// <param name="family">The family.</param>
    /// <param name="destination">Takes 6 or 18 bytes for each.</param>
    /// <param name="now">What has expired is left out.</param>
    /// <returns>Bytes written.</returns>
    public int Copy(in PeerList list, Range places, IpFamily family, Span<byte> destination, Instant now)
    {
        int from = places.Start.Value;
        int until = places.End.Value;
        int written = 0;
        for (int page = FirstOf(list), at = 0; page != None && at < until; page = _next[page])
        {
            Span<StoredPeer> peers = PeersOf(list, page);
            for (int i = Math.Max(from - at, 0); i < Math.Min(until - at, peers.Length); i++)
            {
                ref readonly StoredPeer peer = ref peers[i];
                if (peer.Endpoint.Family != family || peer.IsExpired(now))
                {
                    continue;
                }

                if (destination.Length - written < peer.Endpoint.CompactSize)
                {
                    return written;
                }

                written += peer.Endpoint.WriteCompact(destination[written..]);
            }

            at += peers.Length;
        }

        return written;
    }

    private static bool IsOf(PeerScope scope, in Endpoint other, in Endpoint peer) => scope switch
    {
        PeerScope.Site => other.HasSameSite(peer),
        PeerScope.Network => other.HasSameNetwork(peer),
        PeerScope.Organisation => other.CommonBlock(peer) >= NetworkBlock.Organisation,
        PeerScope.Provider => other.CommonBlock(peer) >= NetworkBlock.Provider,
        _ => other.Family == peer.Family,
    };

    private static int FirstOf(in PeerList list) => list.Count == 0 ? None : list.FirstPage;

    private Span<StoredPeer> PeersOf(in PeerList list, int page) =>
        _peers.AsSpan(page << PageBits, page == list.FirstPage ? ((list.Count - 1) & (PageSize - 1)) + 1 : PageSize);
}
