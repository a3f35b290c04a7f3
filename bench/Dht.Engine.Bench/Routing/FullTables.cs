using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Bench;

/// <summary>Routing tables as they are at a node that has been running for long.</summary>
internal static class FullTables
{
    private const int Offered = 100_000;

    /// <summary>
    /// Offers 100,000 random contacts: all buckets that strangers fall into are full, and so are their caches.
    /// </summary>
    public static void Fill(IRoutingTable table, IRandomSource random)
    {
        for (uint i = 0; i < Offered; i++)
        {
            // From many networks; an odd factor makes no address twice.
            uint mixed = (i + 1) * 0x9E3779B1;
            Endpoint endpoint = table.Family == IpFamily.IPv4
                ? Endpoint.FromIPv4(mixed, 6881)
                : Endpoint.FromIPv6(0x2A00_0000_0000_0000 | ((ulong)mixed << 16), 1, 6881);
            if (AddressPolicy.Classify(endpoint) == AddressVerdict.Allowed)
            {
                table.Insert(NodeId.Random(random), endpoint, Instant.Zero);
            }
        }
    }

    /// <summary>The contacts in a table.</summary>
    public static CompactNode[] Contacts(IRoutingTable table)
    {
        var contacts = new List<CompactNode>();
        int cursor = 0;
        while (table.TryGetNext(ref cursor, Instant.Zero, out Contact contact))
        {
            contacts.Add(new CompactNode(contact.Id, contact.Endpoint));
        }

        return [.. contacts];
    }
}
