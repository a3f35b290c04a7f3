using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Routing;

/// <summary>Fills tables and reads them back.</summary>
internal static class TableFill
{
    /// <summary>Addresses of different networks.</summary>
    public static Endpoint Address(uint number, ushort port = 6881) =>
        Endpoint.FromIPv4(0x08000000 + (number << 8), port);

    public static BucketTable Make(
        RoutingTableKind kind, NodeId self, IpFamily family = IpFamily.IPv4, RoutingTableOptions? options = null) =>
        (BucketTable)RoutingTables.Create(kind, self, family, options);

    public static List<Contact> Walk(IRoutingTable table, Instant now)
    {
        var walked = new List<Contact>();
        int cursor = 0;
        while (table.TryGetNext(ref cursor, now, out Contact contact))
        {
            walked.Add(contact);
        }

        return walked;
    }

    /// <summary>
    /// Inserts random ids from distinct addresses; half of them crafted to lie at every distance from us in turn.
    /// </summary>
    public static List<CompactNode> Random(BucketTable table, int count, SeededRandomSource random, Instant now)
    {
        var held = new List<CompactNode>();
        for (int i = 0; i < count; i++)
        {
            NodeId id = i % 2 == 0
                ? NodeId.Random(random)
                : table.Self.RandomAtDistance(1 + (i / 2 % NodeId.Bits), random);
            Endpoint endpoint = table.Family == IpFamily.IPv4
                ? Address((uint)i)
                : Endpoint.FromIPv6(0x2001_0000_0000_0000 + ((ulong)i << 8), 1, 6881);
            if (table.Insert(id, endpoint, now))
            {
                held.RemoveAll(node => node.Id == id);
                held.Add(new CompactNode(id, endpoint));
            }
        }

        return held;
    }

    public static List<CompactNode> Closest(BucketTable table, NodeId target, NodeId except, int count)
    {
        byte[] room = new byte[count * CompactNode.SizeOf(table.Family)];
        int length = table.CopyClosest(target, except, room);
        Assert.Equal(0, length % CompactNode.SizeOf(table.Family));
        var found = new List<CompactNode>();
        foreach (CompactNode node in new CompactNodes(room.AsSpan(0, length), table.Family))
        {
            found.Add(node);
        }

        return found;
    }

    public static List<CompactNode> BruteForce(List<CompactNode> held, NodeId target, NodeId except, int count) =>
        [.. held.Where(node => node.Id != except).OrderBy(node => target.DistanceTo(node.Id)).Take(count)];
}
