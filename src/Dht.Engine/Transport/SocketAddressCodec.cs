using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;

namespace Dht.Engine.Transport;

/// <summary>
/// Between <see cref="Endpoint"/> and the system's socket address, in place.
/// </summary>
/// <remarks>
/// <code>
/// IPv4, 16 bytes   [ family 2 | port 2 | address 4 | zero 8 ]
/// IPv6, 28 bytes   [ family 2 | port 2 | flow 4 | address 16 | scope 4 ]
/// </code>
/// Port and address are big-endian on every platform and at these places; how the family is written differs, so it is
/// left to the framework or, in the Linux transport, written by it.
/// </remarks>
internal static class SocketAddressCodec
{
    /// <summary>The lower half of an IPv4-mapped address, before the IPv4 address is put in.</summary>
    public const ulong Mapped = 0xFFFF_0000_0000;

    public const int SizeIPv4 = 16;
    public const int SizeIPv6 = 28;

    public static int SizeOf(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? SizeIPv6 : SizeIPv4;

    /// <summary>Reads an address; IPv4-mapped ones come back as IPv4.</summary>
    public static Endpoint Read(ReadOnlySpan<byte> address, bool isIPv6)
    {
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return isIPv6
            ? Endpoint.FromIPv6(
                BinaryPrimitives.ReadUInt64BigEndian(address[8..]),
                BinaryPrimitives.ReadUInt64BigEndian(address[16..]),
                port).Unmap()
            : Endpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(address[4..]), port);
    }

    /// <summary>Writes all but the family. On an IPv6 socket an IPv4 endpoint is mapped.</summary>
    /// <returns>False when an IPv4 socket is given an IPv6 endpoint.</returns>
    public static bool TryWrite(in Endpoint endpoint, Span<byte> address, bool isIPv6)
    {
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], endpoint.Port);
        if (!isIPv6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(address[4..], endpoint.IPv4Bits);
            return endpoint.IsIPv4;
        }

        ulong lower = endpoint.IsIPv4 ? Mapped | endpoint.IPv4Bits : endpoint.LowerBits;
        BinaryPrimitives.WriteUInt32BigEndian(address[4..], 0);
        BinaryPrimitives.WriteUInt64BigEndian(address[8..], endpoint.UpperBits);
        BinaryPrimitives.WriteUInt64BigEndian(address[16..], lower);
        BinaryPrimitives.WriteUInt32BigEndian(address[24..], 0);
        return true;
    }

    public static Endpoint FromIPEndPoint(IPEndPoint endPoint) =>
        Endpoint.FromAddress(endPoint.Address, (ushort)endPoint.Port).Unmap();

    public static IPEndPoint ToIPEndPoint(in Endpoint endpoint) => new(endpoint.ToAddress(), endpoint.Port);
}
