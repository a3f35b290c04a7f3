using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>Datagrams as others send them, with random ids, transaction ids and contents.</summary>
internal static class Messages
{
    public static ReadOnlySpan<byte> Version => "DE\0\x01"u8;

    public static byte[] Ping(IRandomSource random) =>
        Write(random, (place, envelope) => KrpcQueries.WritePing(place, envelope));

    public static byte[] FindNode(IRandomSource random) =>
        Write(random, (place, envelope) => KrpcQueries.WriteFindNode(place, envelope, NodeId.Random(random)));

    public static byte[] GetPeers(IRandomSource random, InfoHash infoHash) =>
        Write(random, (place, envelope) => KrpcQueries.WriteGetPeers(place, envelope, infoHash));

    public static byte[] Announce(IRandomSource random, InfoHash infoHash, byte[] token) =>
        Write(random, (place, envelope) => KrpcQueries.WriteAnnouncePeer(place, envelope, infoHash, 6881, true, token));

    public static byte[] Sample(IRandomSource random) =>
        Write(random, (place, envelope) => KrpcQueries.WriteSampleInfoHashes(place, envelope, NodeId.Random(random)));

    /// <summary>A query of a method that no node knows, with the argument of a find_node.</summary>
    public static byte[] Unknown(IRandomSource random)
    {
        byte[] query = FindNode(random);
        "look_node"u8.CopyTo(query.AsSpan(query.AsSpan().IndexOf("find_node"u8)));
        return query;
    }

    /// <summary>The answer to find_node with contacts of a family.</summary>
    public static byte[] Nodes(IRandomSource random, IpFamily family = IpFamily.IPv4, int contacts = 8)
    {
        byte[] wire = Inputs.Wire(Inputs.Contacts(family, random, contacts));
        return Write(random, (place, envelope) => KrpcReplies.WriteNodes(place, envelope, Contacts(family, wire)));
    }

    /// <summary>The answer to get_peers: 8 contacts, a token, and peers.</summary>
    public static byte[] Peers(IRandomSource random, int peers = 40)
    {
        byte[] wire = Inputs.Wire(Inputs.Contacts(IpFamily.IPv4, random, 8));
        byte[] values = new byte[peers * Endpoint.CompactSizeIPv4];
        random.Fill(values);
        return Write(random, (place, envelope) => KrpcReplies.WritePeers(
            place, envelope, Contacts(IpFamily.IPv4, wire), "12345678"u8, values, Endpoint.CompactSizeIPv4));
    }

    public static byte[] Error(IRandomSource random) =>
        Write(random, (place, envelope) =>
            KrpcReplies.WriteError(place, envelope, KrpcErrorCode.Protocol, "invalid token"u8));

    public static KrpcContacts Contacts(IpFamily family, byte[] wire) => family == IpFamily.IPv4
        ? new KrpcContacts { Families = IpFamily.IPv4, Nodes = wire }
        : new KrpcContacts { Families = IpFamily.IPv6, Nodes6 = wire };

    private static byte[] Write(IRandomSource random, Writer write)
    {
        Span<byte> place = stackalloc byte[1400];
        Span<byte> transaction = stackalloc byte[8];
        random.Fill(transaction);
        int length = write(place, new KrpcEnvelope
        {
            Id = NodeId.Random(random),
            TransactionId = transaction,
            Version = Version,
            Requester = Endpoint.FromIPv4(random.NextUInt32(), 6881),
        });
        return place[..length].ToArray();
    }

    private delegate int Writer(Span<byte> place, KrpcEnvelope envelope);
}
