namespace Dht.Engine.Routing;

/// <summary>The built-in routing tables.</summary>
public enum RoutingTableKind
{
    /// <summary><see cref="KademliaTable"/>: 160 fixed buckets of k contacts.</summary>
    Kademlia,

    /// <summary><see cref="MainlineTable"/>: a home bucket that splits, and larger buckets far away.</summary>
    Mainline,
}
