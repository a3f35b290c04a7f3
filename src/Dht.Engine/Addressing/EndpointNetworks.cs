using System.Numerics;

namespace Dht.Engine.Addressing;

/// <summary>
/// The network of an endpoint: its IPv4 /24 or IPv6 /56, which commonly belongs to one owner. Where nobody outside can
/// have an address (loopback, private, link-local, carrier NAT) each address counts as a network of its own: all of a
/// laboratory may share one.
/// </summary>
internal static class EndpointNetworks
{
    /// <summary>Whether both are of one network; <see cref="Network"/> is the same as a key.</summary>
    internal static bool HasSameNetwork(this in Endpoint left, in Endpoint right) =>
        CommonBlock(left, right) == NetworkBlock.Network;

    /// <summary>The smallest block of addresses that holds both; see <see cref="NetworkBlock"/>.</summary>
    internal static NetworkBlock CommonBlock(this in Endpoint left, in Endpoint right)
    {
        if (left.Family != right.Family)
        {
            return NetworkBlock.None;
        }

        NetworkBlock common = !left.IsIPv6
            ? left.IPv4Bits >> 8 == right.IPv4Bits >> 8 ? NetworkBlock.Network : NetworkBlock.None
            : BitOperations.LeadingZeroCount(left.UpperBits ^ right.UpperBits) switch
            {
                >= 56 => NetworkBlock.Network,
                >= 48 => NetworkBlock.Organisation,
                >= 32 => NetworkBlock.Provider,
                _ => NetworkBlock.None,
            };
        return common == NetworkBlock.None || left.HasSameSite(right) || !left.IsLocal() ? common : NetworkBlock.None;
    }

    /// <summary>
    /// The lowest address of its network, or its own where that counts as one; an IPv6 one without its lower half.
    /// Port 0.
    /// </summary>
    internal static Endpoint Network(this in Endpoint endpoint) => endpoint.BlockOf(NetworkBlock.Network);

    /// <summary>
    /// The lowest address of a block around it, or its own where that counts as one; an IPv6 one without its lower
    /// half. An IPv4 network is in no larger block. Port 0.
    /// </summary>
    /// <param name="endpoint">Any endpoint.</param>
    /// <param name="block">Not <see cref="NetworkBlock.None"/>.</param>
    internal static Endpoint BlockOf(this in Endpoint endpoint, NetworkBlock block)
    {
        bool isLocal = endpoint.IsLocal();
        if (!endpoint.IsIPv6)
        {
            return Endpoint.FromIPv4(endpoint.IPv4Bits & (isLocal ? ~0u : ~0xFFu), 0);
        }

        int hostBits = isLocal ? 0 : block switch
        {
            NetworkBlock.Network => 8,
            NetworkBlock.Organisation => 16,
            _ => 32,
        };
        return Endpoint.FromIPv6(endpoint.UpperBits >> hostBits << hostBits, 0, 0);
    }

    /// <summary>Whether nobody outside can have this address.</summary>
    internal static bool IsLocal(this in Endpoint endpoint) => AddressPolicy.Classify(endpoint.WithPort(1))
        is AddressVerdict.Loopback or AddressVerdict.Private or AddressVerdict.LinkLocal or AddressVerdict.CarrierNat;
}
