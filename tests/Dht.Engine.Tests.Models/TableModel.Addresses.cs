using Dht.Engine.Addressing;

namespace Dht.Engine.Tests.Models;

/// <content>Which addresses are of one owner.</content>
public sealed partial class TableModel
{
    private static bool IsSameSite(Endpoint one, Endpoint other) =>
        one.IsIPv6 ? one.UpperBits == other.UpperBits : one.IPv4Bits == other.IPv4Bits;

    /// <summary>Each local address is a network of its own.</summary>
    private static bool IsSameNetwork(Endpoint one, Endpoint other) => IsSameSite(one, other) || (!IsLocal(one)
        && (one.IsIPv6 ? one.UpperBits >> 8 == other.UpperBits >> 8 : one.IPv4Bits >> 8 == other.IPv4Bits >> 8));

    /// <summary>Of an IPv6 prefix. Each local address is one of its own.</summary>
    private static bool IsSameBlock(Endpoint one, Endpoint other, int bits) => one.IsIPv6
        && (IsSameSite(one, other)
            || (!IsLocal(one) && one.UpperBits >> (64 - bits) == other.UpperBits >> (64 - bits)));

    private static bool IsLocal(Endpoint endpoint) => endpoint.IsIPv6
        ? endpoint.UpperBits >> 57 == 0x7E || endpoint.UpperBits >> 54 == 0x3FA
            || (endpoint.UpperBits == 0 && endpoint.LowerBits == 1)
        : endpoint.IPv4Bits >> 24 is 10 or 127 || endpoint.IPv4Bits >> 20 == 0xAC1
            || endpoint.IPv4Bits >> 16 is 0xC0A8 or 0xA9FE
            || endpoint.IPv4Bits >> 22 == 0x191;
}
