using System.Buffers.Binary;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>The others: 256 places with an id each, that follow from their number.</summary>
/// <remarks>
/// <code>
/// number:  | family 1 | network 5 | host 1 | port 1 |    each network also has an id; 31 may not be written to
/// </code>
/// Few networks and hosts, so that limits by address and network come into play.
/// </remarks>
internal static class Strangers
{
    private const int ForbiddenNetwork = 31;

    /// <summary>Where a stranger is.</summary>
    public static Endpoint EndpointOf(byte number)
    {
        uint network = (uint)(number >> 2) & 31;
        uint host = (uint)(number >> 1) & 1;
        ushort port = (ushort)(6881 + (number & 1));
        if ((number & 0x80) == 0)
        {
            return Endpoint.FromIPv4(
                (network == ForbiddenNetwork ? 0x0A000001u : 0x08000001u) + (network << 16) + (host << 4), port);
        }

        ulong prefix = network == ForbiddenNetwork ? 0xFD00_0000_0000_0000 : 0x2A00_0000_0000_0000;
        return Endpoint.FromIPv6(prefix + ((ulong)network << 24) + ((ulong)host << 2), 1, port);
    }

    /// <summary>
    /// Who is there: ids at many distances from <paramref name="self"/>, some of them tied to the address as BEP 42
    /// wants.
    /// </summary>
    public static NodeId IdOf(byte number, in NodeId self)
    {
        SeededRandomSource random = new(number);
        return (number & 3) switch
        {
            0 => NodeId.Random(random),
            1 => self.RandomWithCommonPrefix((number >> 2) & 31, random),
            _ => SecureNodeId.Derive(EndpointOf(number), random),
        };
    }

    /// <summary>
    /// Something to look for: the id of a stranger with few bits changed, so that some are near and some far.
    /// </summary>
    public static NodeId TargetOf(byte number, in NodeId self)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        (number == 0 ? self : IdOf((byte)(number & 0x1F), self)).CopyTo(bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[^2..], (ushort)(number >> 5));
        return new NodeId(bytes);
    }

    /// <summary>The number of the stranger at a place; 0 if there is none.</summary>
    public static byte NumberOf(in Endpoint endpoint)
    {
        for (int number = 0; number < 256; number++)
        {
            if (EndpointOf((byte)number) == endpoint)
            {
                return (byte)number;
            }
        }

        return 0;
    }
}
