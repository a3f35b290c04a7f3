using Dht.Engine.Addressing;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// The blocks of addresses that no host on the Internet has, one after another: what <see cref="AddressPolicy"/> is
/// compared with. The tunnels (6to4, Teredo), which need a second look, are left out.
/// </summary>
internal static class PrefixList
{
    // Address and leading bits that count.
    private static readonly (string Address, int Bits)[] IPv4 =
    [
        ("0.0.0.0", 8), ("10.0.0.0", 8), ("100.64.0.0", 10), ("127.0.0.0", 8), ("169.254.0.0", 16), ("172.16.0.0", 12),
        ("192.0.0.0", 24), ("192.0.2.0", 24), ("192.88.99.0", 24), ("192.168.0.0", 16), ("198.18.0.0", 15),
        ("198.51.100.0", 24),
        ("203.0.113.0", 24), ("224.0.0.0", 4), ("240.0.0.0", 4),
    ];

    private static readonly (string Address, int Bits)[] IPv6 =
    [
        ("::", 8), ("64:ff9b::", 96), ("64:ff9b:1::", 48), ("2001:2::", 48), ("2001:db8::", 32), ("3fff::", 20),
        ("4000::", 2),
        ("8000::", 2), ("c000::", 3), ("e000::", 4), ("f000::", 5), ("f800::", 6), ("fc00::", 7), ("fe00::", 9),
        ("fe80::", 9),
        ("ff00::", 8),
    ];

    private static readonly (UInt128 Network, UInt128 Mask)[] MasksIPv4 = Array.ConvertAll(
        IPv4, p => Prefix(p.Address, p.Bits, 32));
    private static readonly (UInt128 Network, UInt128 Mask)[] MasksIPv6 = Array.ConvertAll(
        IPv6, p => Prefix(p.Address, p.Bits, 128));

    public static bool Contains(in Endpoint endpoint)
    {
        UInt128 address = Number(endpoint);
        foreach ((UInt128 network, UInt128 mask) in endpoint.IsIPv4 ? MasksIPv4 : MasksIPv6)
        {
            if ((address & mask) == network)
            {
                return true;
            }
        }

        return endpoint.Port == 0;
    }

    /// <summary>An address in one of the blocks.</summary>
    public static Endpoint AnyOf(IpFamily family, SeededRandomSource random)
    {
        (UInt128 Network, UInt128 Mask)[] masks = family == IpFamily.IPv4 ? MasksIPv4 : MasksIPv6;
        (UInt128 network, UInt128 mask) = masks[random.Next(masks.Length)];
        UInt128 address = network | (new UInt128(random.NextUInt64(), random.NextUInt64()) & ~mask);
        return family == IpFamily.IPv4
            ? Endpoint.FromIPv4((uint)address, 6881)
            : Endpoint.FromIPv6((ulong)(address >> 64), (ulong)address, 6881);
    }

    private static (UInt128 Network, UInt128 Mask) Prefix(string address, int bits, int size)
    {
        UInt128 all = size == 32 ? uint.MaxValue : UInt128.MaxValue;
        return (Number(Endpoint.FromAddress(System.Net.IPAddress.Parse(address), 1)), all & (all << (size - bits)));
    }

    private static UInt128 Number(in Endpoint endpoint) => new(endpoint.UpperBits, endpoint.LowerBits);
}
