using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;

namespace Dht.Engine.Routing;

/// <summary>Creates the built-in routing tables, chosen by enum or by name.</summary>
public static class RoutingTables
{
    /// <summary>Creates an empty table.</summary>
    /// <param name="kind">Which of the built-in ones.</param>
    /// <param name="self">Our id.</param>
    /// <param name="family">The family of its contacts.</param>
    /// <param name="options">Its settings; null takes the defaults.</param>
    /// <param name="random">For the key of its hash table; null takes random bits of the process.</param>
    /// <exception cref="ArgumentException">An unknown kind, no family, or an option out of its range.</exception>
    public static IRoutingTable Create(
        RoutingTableKind kind,
        in NodeId self,
        IpFamily family,
        RoutingTableOptions? options = null,
        IRandomSource? random = null) => kind switch
        {
            RoutingTableKind.Kademlia => new KademliaTable(self, family, options, random),
            RoutingTableKind.Mainline => new MainlineTable(self, family, options, random),
            _ => throw new ArgumentOutOfRangeException(
                nameof(kind), kind, "The routing table must be Kademlia or Mainline."),
        };

    /// <summary>Reads the name of a built-in table, Kademlia or MainLine, in upper or lower case.</summary>
    /// <exception cref="ArgumentException">The text is neither name.</exception>
    public static RoutingTableKind ParseKind(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return TryParseKind(name, out RoutingTableKind kind)
            ? kind
            : throw new ArgumentException(
                $"'{name}' is not a routing table; choose Kademlia or MainLine.", nameof(name));
    }

    /// <summary>
    /// Reads the name of a built-in table, Kademlia or MainLine, in upper or lower case; numbers are no names.
    /// </summary>
    public static bool TryParseKind(ReadOnlySpan<char> name, out RoutingTableKind kind)
    {
        bool isMainline = name.Equals("MainLine", StringComparison.OrdinalIgnoreCase);
        kind = isMainline ? RoutingTableKind.Mainline : RoutingTableKind.Kademlia;
        return isMainline || name.Equals("Kademlia", StringComparison.OrdinalIgnoreCase);
    }
}
