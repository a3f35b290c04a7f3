using Dht.Engine.Addressing;
using Dht.Engine.Invariants;

namespace Dht.Engine.Storage;

/// <content>What must be true of the pages.</content>
internal sealed partial class PeerPages
{
    /// <summary>
    /// Walks all lists and the free pages: every page hangs on exactly one of them, and every peer is counted.
    /// </summary>
    internal void CheckInvariants(IEnumerable<PeerList> lists)
    {
        var seen = new bool[_next.Length];
        var sites = new Dictionary<Endpoint, int>();
        var networks = new Dictionary<Endpoint, int>();
        int count = 0;
        for (int page = _free; page != None; page = _next[page])
        {
            Mark(seen, page);
        }

        foreach (PeerList list in lists)
        {
            count += list.Count;
            CheckList(list, seen, sites, networks);
        }

        Invariant.Holds(!seen.Contains(false), "a page that no list has is free");
        Invariant.Holds(count == Count, "the lists add up to all peers");
        _sites.CheckInvariants(Count);
        _networks.CheckInvariants(Count);
        _blocks.CheckInvariants(CountIPv6);
        Invariant.Holds(lists.Sum(list => list.CountIPv6) == CountIPv6, "the lists add up to all IPv6 peers");
        Invariant.Holds(
            sites.All(site => _sites.CountOf(site.Key) == site.Value), "the peers of each site are counted");
        Invariant.Holds(
            networks.All(network => _networks.CountOf(network.Key) == network.Value),
            "the peers of each network are counted");
    }

    private void CheckList(
        in PeerList list, bool[] seen, Dictionary<Endpoint, int> sites, Dictionary<Endpoint, int> networks)
    {
        int count = 0;
        int ofIPv6 = 0;
        var peers = new HashSet<Endpoint>();
        for (int page = FirstOf(list); page != None; page = _next[page])
        {
            Mark(seen, page);
            foreach (ref readonly StoredPeer peer in PeersOf(list, page))
            {
                count++;
                Endpoint endpoint = peer.Endpoint;
                ofIPv6 += endpoint.IsIPv6 ? 1 : 0;
                Endpoint site = endpoint.IsIPv6 ? Endpoint.FromIPv6(endpoint.UpperBits, 0, 0) : endpoint.WithPort(0);
                sites[site] = sites.GetValueOrDefault(site) + 1;
                networks[endpoint.Network()] = networks.GetValueOrDefault(endpoint.Network()) + 1;
                Invariant.Holds(peers.Add(endpoint), "a peer is in a list once");
            }
        }

        Invariant.Holds(count == list.Count, "a list has as many pages as its peers fill");
        Invariant.Holds(ofIPv6 == list.CountIPv6, "a list counts its IPv6 peers");
    }

    private static void Mark(bool[] seen, int page)
    {
        Invariant.Holds(!seen[page], "a page hangs on one list, once");
        seen[page] = true;
    }
}
