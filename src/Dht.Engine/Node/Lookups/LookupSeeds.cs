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
    // More candidates than this from the table bring nothing: the next come with the answers.
    private const int SeedsMax = 16;

    // With fewer contacts than this the bootstrap nodes are asked too: a table of a few may be cut off from the rest.
    private const int SeedsEnough = 4;

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
    public void Seed(CandidateSet set, NodeFamily family, in NodeId target)
    {
        if (!family.IsReached)
        {
            return;
        }

        Span<byte> wire = stackalloc byte[SeedsMax * CompactNode.SizeIPv6];
        int size = SeedsMax * CompactNode.SizeOf(family.Family);
        int length = family.Table.CopyClosest(target, family.Id, wire[..size]);
        Offer(set, new CompactNodes(wire[..length], family.Family));
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

    /// <summary>Puts the contacts of one answer into a set, without those that are not worth asking.</summary>
    public void Offer(CandidateSet set, CompactNodes contacts)
    {
        if (contacts.Count == 0)
        {
            return;
        }

        set.BeginReply();
        for (int i = 0; i < contacts.Count && set.HasReplyRoom; i++)
        {
            CompactNode contact = contacts[i];
            if (_outbox.Allows(contact.Endpoint) && _families.IsTrusted(contact.Id, contact.Endpoint)
                && !_entries.IsRouter(contact.Endpoint))
            {
                set.Add(contact.Id, contact.Endpoint);
            }
        }
    }
}
