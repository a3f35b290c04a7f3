using Dht.Engine.Krpc;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>Gathers what outlives a run.</summary>
internal static class NodeStateCapture
{
    /// <summary>
    /// The ids, and of each family the healthiest contacts, then those of the run before that were not found dead.
    /// Allocates.
    /// </summary>
    public static NodeState Capture(NodeFamilies families, EntryPoints entries, Instant now)
    {
        var contacts = new List<CompactNode>();
        foreach (NodeFamily family in families.All)
        {
            Capture(family.Table, entries, contacts, now);
        }

        return new NodeState { IdIPv4 = families.IPv4.Id, IdIPv6 = families.IPv6.Id, Contacts = contacts };
    }

    private static void Capture(IRoutingTable table, EntryPoints entries, List<CompactNode> contacts, Instant now)
    {
        var found = new List<Contact>();
        int cursor = 0;
        while (table.TryGetNext(ref cursor, now, out Contact contact))
        {
            if (contact.Health != ContactHealth.Bad)
            {
                found.Add(contact);
            }
        }

        found.Sort(static (left, right) => left.Health != right.Health
            ? left.Health.CompareTo(right.Health)
            : right.LastAnswered.CompareTo(left.LastAnswered));
        foreach (Contact contact in found[..Math.Min(found.Count, NodeState.ContactsMax)])
        {
            contacts.Add(new CompactNode(contact.Id, contact.Endpoint));
        }

        // A short run must not lose what a long one gathered.
        int room = NodeState.ContactsMax - found.Count;
        foreach (CompactNode contact in entries.Saved)
        {
            if (room > 0 && contact.Endpoint.Family == table.Family
                && !found.Exists(other => other.Endpoint == contact.Endpoint))
            {
                contacts.Add(contact);
                room--;
            }
        }
    }
}
