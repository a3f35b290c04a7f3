namespace Dht.Engine.Addressing;

/// <summary>
/// What two addresses have in common. The values are ordered: the larger, the smaller the block. IPv4 addresses are
/// scarce, so only the smallest is counted there; over IPv6 a /48 with its 256 networks costs nothing, and a /32 is
/// what a provider has.
/// </summary>
internal enum NetworkBlock : byte
{
    /// <summary>Nothing that says that they are one owner's.</summary>
    None,

    /// <summary>An IPv6 /32, which commonly belongs to one provider and its customers.</summary>
    Provider,

    /// <summary>An IPv6 /48, which commonly belongs to one customer or is had for the asking.</summary>
    Organisation,

    /// <summary>An IPv4 /24 or an IPv6 /56.</summary>
    Network,
}
