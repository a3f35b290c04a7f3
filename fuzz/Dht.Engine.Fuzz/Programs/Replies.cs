using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>Answers queries as strangers do, honest and other.</summary>
/// <remarks>
/// <code>
/// shape:  1-2 how many contacts: 0, 1, 8, 20    4 contacts of both families   8 another id    16 another port
///         32 an error                           64 peers and a token          128 says where the asker is seen
/// </code>
/// </remarks>
internal sealed class Replies
{
    private const byte BothFamilies = 4;
    private const byte OtherId = 8;
    private const byte OtherPort = 16;
    private const byte Error = 32;
    private const byte Peers = 64;
    private const byte TellsAddress = 128;

    private const int ContactsMax = 20;
    private const int PeersMax = 6;

    private readonly byte[] _datagram = new byte[2048];
    private readonly byte[] _nodes = new byte[ContactsMax * CompactNode.SizeIPv4];
    private readonly byte[] _nodes6 = new byte[ContactsMax * CompactNode.SizeIPv6];
    private readonly byte[] _peers = new byte[PeersMax * Endpoint.CompactSizeIPv6];

    /// <summary>Writes the answer to a query; lives until the next call.</summary>
    /// <param name="query">The query.</param>
    /// <param name="number">The stranger that was asked, as far as it is one.</param>
    /// <param name="shape">What the answer is like, see above.</param>
    /// <param name="first">The first contact that it names.</param>
    /// <param name="self">The id of the asker.</param>
    /// <param name="source">Where the answer comes from.</param>
    public ReadOnlySpan<byte> Write(
        in SentQuery query, byte number, byte shape, byte first, in NodeId self, out Endpoint source)
    {
        source = (shape & OtherPort) != 0
            ? query.Destination.WithPort((ushort)(query.Destination.Port ^ 1))
            : query.Destination;
        Span<byte> id = stackalloc byte[TransactionId.Size];
        TransactionId.Write(id, query.TransactionId);
        KrpcEnvelope envelope = new()
        {
            Id = (shape & OtherId) != 0
                ? (first == 0 ? self : Strangers.IdOf(first, self))
                : Strangers.IdOf(number, self),
            TransactionId = id,
            Version = "LT\x02\x00"u8,
            Requester = (shape & TellsAddress) != 0 ? SeenAddress(source.Family, first) : default,
        };
        int length = (shape & Error) != 0
            ? KrpcReplies.WriteError(_datagram, envelope, first < 128 ? 201 + (first & 3) : first, "no"u8)
            : WriteResponse(envelope, query, shape, first, self);
        return _datagram.AsSpan(0, length);
    }

    private int WriteResponse(in KrpcEnvelope envelope, in SentQuery query, byte shape, byte first, in NodeId self)
    {
        if (query.Method is KrpcMethod.Ping or KrpcMethod.AnnouncePeer)
        {
            return KrpcReplies.WritePong(_datagram, envelope);
        }

        int count = (shape & 3) switch { 0 => 0, 1 => 1, 2 => 8, _ => ContactsMax };
        bool isIPv6 = query.Destination.IsIPv6;
        bool both = (shape & BothFamilies) != 0;
        KrpcContacts contacts = new()
        {
            Families = both ? IpFamily.Both : isIPv6 ? IpFamily.IPv6 : IpFamily.IPv4,
            Nodes = !isIPv6 || both ? Fill(_nodes, count, first, 0, self) : default,
            Nodes6 = isIPv6 || both ? Fill(_nodes6, count, first, 0x80, self) : default,
        };
        if ((shape & Peers) == 0)
        {
            return KrpcReplies.WriteNodes(_datagram, envelope, contacts);
        }

        int length = 0;
        for (int i = 0; i < 1 + (first % PeersMax); i++)
        {
            length += Strangers.EndpointOf((byte)(((first + i) & 0x7F) | (isIPv6 ? 0x80 : 0)))
                .WriteCompact(_peers.AsSpan(length));
        }

        int size = isIPv6 ? Endpoint.CompactSizeIPv6 : Endpoint.CompactSizeIPv4;
        return KrpcReplies.WritePeers(_datagram, envelope, contacts, "token"u8, _peers.AsSpan(0, length), size);
    }

    private static Span<byte> Fill(byte[] room, int count, byte first, byte family, in NodeId self)
    {
        int length = 0;
        for (int i = 0; i < count; i++)
        {
            // Steps of three visit all hosts and ports of many networks.
            byte number = (byte)(((first + (3 * i)) & 0x7F) | family);
            length += new CompactNode(Strangers.IdOf(number, self), Strangers.EndpointOf(number))
                .Write(room.AsSpan(length));
        }

        return room.AsSpan(0, length);
    }

    private static Endpoint SeenAddress(IpFamily family, byte first) => family == IpFamily.IPv6
        ? Endpoint.FromIPv6(0x2A02_0000_0000_0000 + (ulong)(first & 3), 7, 6881)
        : Endpoint.FromIPv4(0x09000001 + (uint)(first & 3), 6881);
}
