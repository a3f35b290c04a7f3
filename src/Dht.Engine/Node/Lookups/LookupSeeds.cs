using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Rpc;

namespace Dht.Engine.Node;

/// <summary>
/// Which contacts a lookup may ask: those it begins with, and of those that answers name, the ones worth asking.
/// </summary>
internal sealed class LookupSeeds
{
    /// <summary>
    /// With fewer contacts than this the bootstrap nodes are asked too: a table of a few may be cut off from the rest.
    /// </summary>
    public const int SeedsEnough = 4;

    // More candidates than this from the table bring nothing: the next come with the answers.
    private const int SeedsMax = 16;

    // For upkeep the answers of a few do: whom the table knows need not be asked for its own sake.
    private const int UpkeepSeedsMax = 3;


    private readonly NodeFamilies _families;
    private readonly EntryPoints _entries;
    private readonly Outbox _outbox;

    public LookupSeeds(NodeFamilies families, EntryPoints entries, Outbox outbox)
    {
        _families = families;
        _entries = entries;
        _outbox = outbox;
    }

    /// <summary>Whether a contact can be a guide only: it is asked, but is no result, and is shown no token.</summary>
    public bool IsRouter(in Endpoint endpoint) => _entries.IsRouter(endpoint);

    public bool IsTrusted(in NodeId id, in Endpoint endpoint) => _families.IsTrusted(id, endpoint);

    /// <summary>
    /// Fills a set with those that a lookup begins with: the nearest contacts, and where there are few, the entries.
    /// </summary>
    public void Seed(CandidateSet set, NodeFamily family, in LookupRequest request)
    {
        if (!family.IsReached)
        {
            return;
        }

        Span<byte> wire = stackalloc byte[SeedsMax * CompactNode.SizeIPv6];
        int seeds = request.Kind == LookupKind.Upkeep ? UpkeepSeedsMax : SeedsMax;
        int size = seeds * CompactNode.SizeOf(family.Family);
        int length = family.Table.CopyClosest(request.Target, family.Id, wire[..size]);
        Offer(set, family, new CompactNodes(wire[..length], family.Family), LookupKind.FindNode);
        int known = family.Table.Count;
        if (known < SeedsEnough)
        {
            _entries.SeedKnown(set, family.Family);
        }

        if (known == 0)
        {
            _entries.SeedRouters(set, family.Family);
        }
    }

    /// <summary>
    /// Puts the contacts of one answer into a set, without those that are not worth asking: for upkeep, those that the
    /// table has no use for.
    /// </summary>
    /// <returns>How many may not be sent to, by the address policy.</returns>
    public int Offer(CandidateSet set, NodeFamily family, CompactNodes contacts, LookupKind kind)
    {
        if (contacts.Count == 0 || !family.IsReached)
        {
            return 0;
        }

        int refused = 0;
        set.BeginReply();
        for (int i = 0; i < contacts.Count && set.HasReplyRoom; i++)
        {
            CompactNode contact = contacts[i];
            if (!Allows(contact.Endpoint))
            {
                refused++;
            }
            else if (_families.IsTrusted(contact.Id, contact.Endpoint) && !_entries.IsRouter(contact.Endpoint)
                && (kind != LookupKind.Upkeep || family.Table.Wants(contact.Id, contact.Endpoint)))
            {
                set.Add(contact.Id, contact.Endpoint);
            }
        }

        return refused;
    }

    /// <summary>Whether the address policy lets an address be handed out.</summary>
    public bool Allows(in Endpoint endpoint) => _outbox.Policy.Check(endpoint) == AddressVerdict.Allowed;
}
