using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <content>Iterative lookups.</content>
public sealed partial class MainlineNode
{
    // More candidates than this from the table bring nothing: the next come with the answers.
    private const int SeedsMax = 16;

    // Below so many contacts the bootstrap nodes are asked too: a table of a few may be cut off from the rest.
    private const int SeedsEnough = 4;

    // Ten a second: as many lookups at once through the one router that is known take seconds to get by its limit.
    private const int DeferralsMax = 50;

    // As many as a network may have in a bucket.
    private const int LookupResultsPerNetworkMax = 2;

    // The set of a family that the socket does not reach stays empty.
    private static readonly CandidateSetOptions NoCandidates = new()
    {
        K = 1,
        Alpha = 1,
        InFlightMax = 1,
        Capacity = 18,
        EntriesMax = 0,
        QueriesMax = 1,
    };

    private readonly NodeLookups _lookups;

    /// <summary>Lookups under way, the node's own included.</summary>
    public int LookupCount => _lookups.Count;

    /// <summary>Those whom a node without contacts asks: routers, bootstrap nodes, and contacts of an earlier run.</summary>
    internal int EntryCount => _routers.Count + _bootstrap.Count
        + (_outbox.Reaches(IpFamily.IPv4) ? SavedCount(IpFamily.IPv4) : 0)
        + (_outbox.Reaches(IpFamily.IPv6) ? SavedCount(IpFamily.IPv6) : 0);

    /// <summary>The families that queries ask for by name.</summary>
    internal IpFamily Want => _outbox.Want;

    /// <summary>The instant that the driver handed in last: for listeners and observers that ask again.</summary>
    public Instant Now => _now;

    /// <summary>Starts a lookup. Its first queries go out with the next <see cref="Tick"/>, which is due at once.</summary>
    /// <param name="request">What to look for, and whom to tell.</param>
    /// <param name="now">The present instant.</param>
    /// <param name="handle">For cancelling it.</param>
    /// <returns>False when as many lookups are under way as <see cref="NodeOptions.LookupsMax"/> allows, or the node is closing.</returns>
    public bool TryStartLookup(in LookupRequest request, Instant now, out LookupHandle handle) =>
        _lookups.TryStart(request, now, out handle);

    /// <summary>Ends a lookup early: its listener is told at once. Does nothing when it has ended.</summary>
    public void CancelLookup(LookupHandle handle, Instant now) => _lookups.Cancel(handle, now);

    internal void CountLookup() => _counters.Lookups++;

    /// <summary>Puts those into a set with whom a lookup begins: the nearest contacts, and where there are few, the entries.</summary>
    internal void Seed(CandidateSet set, IpFamily family, in Identity.NodeId target)
    {
        if (!_outbox.Reaches(family))
        {
            return;
        }

        IRoutingTable table = Table(family);
        Span<byte> wire = stackalloc byte[SeedsMax * CompactNode.SizeIPv6];
        try
        {
            int length = table.CopyClosest(target, IdOf(family), wire[..(SeedsMax * CompactNode.SizeOf(family))]);
            Offer(set, new CompactNodes(wire[..length], family));
        }
        catch (Exception fault)
        {
            // A table of the user: the lookup has its place already, and goes on with whom else there is.
            Report(fault);
        }

        if (table.Count < SeedsEnough)
        {
            AddSaved(set, family);
            AddEntries(set, _bootstrap, family);
        }

        if (table.Count == 0)
        {
            AddEntries(set, _routers, family);
        }
    }

    /// <summary>Puts the contacts of one answer into a set, those that it would be no use to ask left out.</summary>
    internal void Offer(CandidateSet set, CompactNodes contacts)
    {
        if (contacts.Count == 0)
        {
            return;
        }

        set.BeginReply();
        for (int i = 0; i < contacts.Count && set.HasReplyRoom; i++)
        {
            CompactNode contact = contacts[i];
            if (Allows(contact.Endpoint) && IsTrusted(contact.Id, contact.Endpoint) && !IsRouter(contact.Endpoint))
            {
                set.Add(contact.Id, contact.Endpoint);
            }
        }
    }

    private bool Allows(in Endpoint destination)
    {
        try
        {
            return _outbox.Allows(destination);
        }
        catch (Exception fault)
        {
            Report(fault);
            return false;
        }
    }

    private static void AddEntries(CandidateSet set, List<Endpoint> entries, IpFamily family)
    {
        foreach (Endpoint entry in entries)
        {
            if (entry.Family == family)
            {
                set.AddEntry(entry);
            }
        }
    }

    private CandidateSet MakeCandidateSet(IpFamily family) => new(
        !_outbox.Reaches(family) ? NoCandidates : new CandidateSetOptions
        {
            K = _options.ContactsPerReply,
            Alpha = _options.LookupParallelism,
            Window = _options.LookupWindow,
            RepeatsMax = _options.LookupRepeats,
            EntriesMax = EntriesMax,
            AllowSharedAddresses = _options.Table.AllowSharedAddresses,
            AnsweredPerNetworkMax = LookupResultsPerNetworkMax,
            DeferralsMax = DeferralsMax,
        },
        _random);
}
