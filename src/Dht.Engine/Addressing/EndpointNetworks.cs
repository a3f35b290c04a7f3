namespace Dht.Engine.Addressing;

/// <summary>
/// The network of an endpoint: its IPv4 /24 or IPv6 /56, which commonly belongs to one owner. Where nobody outside can
/// have an address (loopback, private, link-local, carrier NAT) each address counts as a network of its own: all of a
/// laboratory may share one.
/// </summary>
internal static class EndpointNetworks
{
    /// <summary>Whether both are of one network; <see cref="Network"/> is the same as a key.</summary>
    internal static bool HasSameNetwork(this in Endpoint left, in Endpoint right) => left.Family == right.Family
        && (left.IsIPv6 ? left.UpperBits >> 8 == right.UpperBits >> 8 : left.IPv4Bits >> 8 == right.IPv4Bits >> 8)
        && (left.HasSameSite(right) || !IsLocal(left));

    /// <summary>
    /// The lowest address of its network, or its own where that counts as one; an IPv6 one without its lower half.
    /// Port 0.
    /// </summary>
    internal static Endpoint Network(this in Endpoint endpoint) => endpoint.IsIPv6
        ? Endpoint.FromIPv6(IsLocal(endpoint) ? endpoint.UpperBits : endpoint.UpperBits & ~0xFFul, 0, 0)
        : Endpoint.FromIPv4(endpoint.IPv4Bits & (IsLocal(endpoint) ? ~0u : ~0xFFu), 0);

    private static bool IsLocal(in Endpoint endpoint) => AddressPolicy.Classify(endpoint.WithPort(1))
        is AddressVerdict.Loopback or AddressVerdict.Private or AddressVerdict.LinkLocal or AddressVerdict.CarrierNat;
}
