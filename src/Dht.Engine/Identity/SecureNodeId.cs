using System.Buffers.Binary;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;

namespace Dht.Engine.Identity;

/// <summary>
/// Ids that fit the address of their node (BEP 42), so that nobody can place nodes beside an infohash at will.
/// Thread-safe as far as the source of randomness is; allocates nothing.
/// </summary>
/// <remarks>
/// <code>
/// bit    0            20 21              156 157 159
///       [ CRC-32C, top ] [      free       ] [  r  ]
/// </code>
/// The checksum is that of the masked address with the three bits of r before it: 4 bytes of IPv4, the upper 8 bytes
/// of IPv6. The masks leave fewer bits in the higher bytes, so that large blocks of addresses do not buy as many
/// places among the ids. The port does not matter, and an IPv4-mapped IPv6 address counts as the IPv4 address within.
/// </remarks>
public static class SecureNodeId
{
    private const int BoundBits = 21;
    private const uint ChoiceMask = 7;
    private const uint MaskIPv4 = 0x030F3FFF;
    private const ulong MaskIPv6 = 0x0103070F1F3F7FFF;

    /// <summary>Draws an id that fits an address: one of eight prefixes of 21 bits, the rest random.</summary>
    /// <param name="external">
    /// Our address as others see it; its port does not matter. An exempt one is treated like any other.
    /// </param>
    /// <param name="random">Where the free bits come from; 20 bytes are drawn.</param>
    /// <exception cref="ArgumentException"><paramref name="external"/> is no address.</exception>
    public static NodeId Derive(in Endpoint external, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Endpoint address = external.Unmap();
        if (address.Family == IpFamily.None)
        {
            throw new ArgumentException(
                "There is no address to derive an id from; pass an IPv4 or IPv6 endpoint.", nameof(external));
        }

        Span<byte> id = stackalloc byte[NodeId.Size];
        random.Fill(id);
        uint free = BinaryPrimitives.ReadUInt32BigEndian(id) & (uint.MaxValue >> BoundBits);
        uint bound = Hash(address, id[^1] & ChoiceMask) & ~(uint.MaxValue >> BoundBits);
        BinaryPrimitives.WriteUInt32BigEndian(id, bound | free);
        return new NodeId(id);
    }

    /// <summary>
    /// Whether a node at <paramref name="endpoint"/> may have this id: its first 21 bits fit the address, or the
    /// address is exempt. False for no address.
    /// </summary>
    public static bool IsValid(in NodeId id, in Endpoint endpoint)
    {
        Endpoint address = endpoint.Unmap();
        if (address.Family == IpFamily.None)
        {
            return false;
        }

        uint difference = (uint)(id.Prefix64 >> 32) ^ Hash(address, id.Last32 & ChoiceMask);
        return difference >> (32 - BoundBits) == 0 || IsExempt(address);
    }

    /// <summary>
    /// Whether the address is a local one, whose node may have any id: 10/8, 172.16/12, 192.168/16, 169.254/16 and
    /// 127/8 as BEP 42 lists them, and their counterparts in IPv6, of which it says nothing: ::1, fe80::/10 and
    /// fc00::/7.
    /// </summary>
    public static bool IsExempt(in Endpoint endpoint)
    {
        Endpoint address = endpoint.Unmap();
        return AddressPolicy.Classify(address.WithPort(1)) switch
        {
            AddressVerdict.Loopback or AddressVerdict.Private => true,

            // Not the old site-local fec0::/10.
            AddressVerdict.LinkLocal => address.IsIPv4 || address.UpperBits >> 54 == 0xFE80 >> 6,
            _ => false,
        };
    }

    /// <summary>
    /// The checksum whose first 21 bits the id must begin with; <paramref name="choice"/> is r, 0 to 7.
    /// </summary>
    private static uint Hash(in Endpoint address, uint choice)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        if (address.IsIPv6)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, (address.UpperBits & MaskIPv6) | ((ulong)choice << 61));
            return Crc32C.Compute(bytes);
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes, (address.IPv4Bits & MaskIPv4) | (choice << 29));
        return Crc32C.Compute(bytes[..sizeof(uint)]);
    }
}
