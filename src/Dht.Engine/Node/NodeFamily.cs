using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// A node's side of one address family: our id there, the table around it, and our address as others see it. BEP 42
/// ties an id to an address, so each family has its own.
/// </summary>
internal sealed class NodeFamily
{
    private NodeFamily(
        IpFamily family, NodeId id, IRoutingTable table, NodeFaults faults, OwnAddress address, bool isReached)
    {
        Family = family;
        Id = id;
        Given = table;
        Table = GuardedTable.Wrap(table, faults.Report);
        Address = address;
        IsReached = isReached;
    }

    /// <summary>Creates a family's side of a node, with the user's table if there is one for the family.</summary>
    public static NodeFamily Create(
        IpFamily family,
        NodeOptions options,
        Outbox outbox,
        IRandomSource random,
        NodeFaults faults,
        NodeId id,
        Instant now)
    {
        bool isReached = outbox.Reaches(family);
        bool isShared = options.Table.AllowSharedAddresses;
        var vote = new AddressVote(family, outbox.Policy, options.ExternalAddressQuorum, perEndpoint: isShared);
        var address = new OwnAddress(vote, random, options.DeriveId, options.LocalEndpoint.Port);
        IRoutingTable table = TableOf(family, options, isReached, random, id);
        var created = new NodeFamily(family, id, table, faults, address, isReached);
        if (table.Self != id)
        {
            created.Table.Rebase(id, now);
        }

        return created;
    }

    public IpFamily Family { get; }

    /// <summary>Our id among the contacts of this family.</summary>
    public NodeId Id { get; private set; }

    /// <summary>The contacts. A table of the user's is guarded.</summary>
    public IRoutingTable Table { get; }

    /// <summary>The table as the user knows it.</summary>
    public IRoutingTable Given { get; }

    public OwnAddress Address { get; }

    /// <summary>Whether the socket reaches the family.</summary>
    public bool IsReached { get; }

    /// <summary>How often the id was derived again.</summary>
    public long IdChanges { get; private set; }

    /// <summary>
    /// Takes an id that fits our address if ours does not, and keeps those contacts that have a place around it.
    /// </summary>
    /// <returns>Whether the id has changed.</returns>
    public bool FitId(Instant now)
    {
        if (!Address.TryDeriveId(Id, now, out NodeId id))
        {
            return false;
        }

        Id = id;
        IdChanges++;
        Table.Rebase(id, now);
        return true;
    }

    private static IRoutingTable TableOf(
        IpFamily family, NodeOptions options, bool isReached, IRandomSource random, NodeId id)
    {
        for (int i = 0; i < options.Tables.Count; i++)
        {
            IRoutingTable table = options.Tables[i];
            if (table.Family == family)
            {
                return table;
            }
        }

        // A contact of a family that cannot be asked does not enter its table.
        RoutingTableOptions settings = isReached ? options.Table
            : options.Table with { BucketSize = 1, CacheSize = 0, ExtendedBuckets = false };
        return RoutingTables.Create(options.TableKind, id, family, settings, random);
    }
}
