using System.Buffers.Binary;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Testing;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Support;

/// <summary>What the neighbours of a <see cref="World"/> answer, and what was announced to them.</summary>
internal sealed class NeighbourAnswers(WorldOptions options, Neighbourhood neighbours, SeededRandomSource random)
{
    private const int K = 8;

    private readonly byte[] _nodes = new byte[K * CompactNode.SizeIPv4];
    private readonly byte[] _nodes6 = new byte[K * CompactNode.SizeIPv6];
    private readonly byte[] _token = new byte[65];

    /// <summary>
    /// Answers in the place of a neighbour, given the transaction id; null leaves it to the usual answer.
    /// </summary>
    public Func<Endpoint, string, byte[]?>? Script { get; set; }

    /// <summary>How the IPv4 neighbours say that they see us.</summary>
    public Endpoint SeenAtIPv4 { get; set; }

    /// <summary>How the IPv6 neighbours say that they see us.</summary>
    public Endpoint SeenAtIPv6 { get; set; }

    /// <summary>Announcements that were accepted, in the order of arrival; the first of them are kept.</summary>
    public Announcement[] Announcements { get; } = new Announcement[64];

    public int AnnouncementCount { get; set; }

    /// <summary>Announcements with a token that the neighbour did not give.</summary>
    public int BadTokens { get; private set; }

    /// <summary>Torrents of which every neighbour with an even number knows one peer.</summary>
    public static bool HasPeers(in NodeId infoHash) => (infoHash.Prefix64 & 1) == 0;

    public int Answer(SimulatedNode node, in KrpcMessage query, in Endpoint source, Span<byte> answer)
    {
        if (Script?.Invoke(node.Endpoint, Wire.Text(query.TransactionId)) is { } scripted)
        {
            scripted.CopyTo(answer);
            return scripted.Length;
        }

        // The node under test is number 0 of the network.
        int number = node.Index - 1;
        var envelope = new KrpcEnvelope
        {
            Id = neighbours[number].AnsweringId,
            TransactionId = query.TransactionId,
            Requester = source.Family == IpFamily.IPv6 ? SeenAtIPv6 : SeenAtIPv4,
        };
        int length = Refuses(neighbours[number], query)
            ? WriteRefusal(answer, envelope, neighbours[number])
            : World.Chance(random, options.ErrorShare)
            ? KrpcReplies.WriteError(answer, envelope, 202, "no"u8)
            : query.Method switch
            {
                KrpcMethod.FindNode => KrpcReplies.WriteNodes(
                    answer, envelope, ContactsFor(query, query.Target, number)),
                KrpcMethod.GetPeers => WritePeers(answer, envelope, query, number),
                KrpcMethod.AnnouncePeer => WriteAccepted(answer, envelope, query, number),
                _ => KrpcReplies.WritePong(answer, envelope),
            };
        TimeSpan delay = World.Chance(random, options.SlowShare)
            ? TimeSpan.FromMilliseconds(random.Next((int)options.SlowMax.TotalMilliseconds))
            : neighbours[number].Delay;
        if (delay > TimeSpan.Zero)
        {
            node.Send(source, answer[..length], delay);
            return 0;
        }

        return length;
    }

    private bool Refuses(Neighbour neighbour, in KrpcMessage query)
    {
        List<Instant> asked = neighbour.AskedAt;
        if (options.Records)
        {
            asked.Add(neighbour.Node.Network.Now);
        }

        bool isAnnouncement = query.Method == KrpcMethod.AnnouncePeer;
        if (neighbour.Pause > TimeSpan.Zero)
        {
            return asked.Count == 1 || asked[^1] - asked[^2] < neighbour.Pause;
        }

        if (isAnnouncement && neighbour.AnnouncementRefusalsLeft > 0)
        {
            neighbour.AnnouncementRefusalsLeft--;
            return true;
        }

        bool isRefused = query.Method is KrpcMethod.FindNode or KrpcMethod.GetPeers && neighbour.RefusalsLeft > 0;
        neighbour.RefusalsLeft -= isRefused ? 1 : 0;
        return isRefused;
    }

    private static int WriteRefusal(Span<byte> answer, in KrpcEnvelope envelope, Neighbour neighbour)
    {
        if (neighbour.ErrorCode != 0)
        {
            return KrpcReplies.WriteError(answer, envelope, neighbour.ErrorCode, "later"u8);
        }

        byte[] bare = Wire.Bytes($"d1:ele1:t{Wire.Str(Wire.Text(envelope.TransactionId))}1:y1:ee");
        bare.CopyTo(answer);
        return bare.Length;
    }

    private KrpcContacts ContactsFor(in KrpcMessage query, in NodeId target, int number)
    {
        IpFamily want = query.Want == IpFamily.None ? neighbours[number].Family : query.Want;
        return new KrpcContacts
        {
            Families = want,
            Nodes = (want & IpFamily.IPv4) == 0 ? default : Write(target, IpFamily.IPv4, number, _nodes),
            Nodes6 = (want & IpFamily.IPv6) == 0 ? default : Write(target, IpFamily.IPv6, number, _nodes6),
        };
    }

    private ReadOnlySpan<byte> Write(in NodeId target, IpFamily family, int number, byte[] wire)
    {
        Span<int> nearest = stackalloc int[K];
        int count = neighbours.Nearest(target, family, liveOnly: false, nearest, knownTo: number);
        for (int i = 0; i < count; i++)
        {
            CompactNode named = neighbours[nearest[i]].Contact;
            bool isForbidden = World.Chance(random, options.ForbiddenShare);
            named = isForbidden ? new CompactNode(named.Id, named.Endpoint.WithPort(0)) : named;
            named.Write(wire.AsSpan(i * CompactNode.SizeOf(family)));
        }

        return wire.AsSpan(0, count * CompactNode.SizeOf(family));
    }

    private int WritePeers(Span<byte> answer, in KrpcEnvelope envelope, in KrpcMessage query, int number)
    {
        Span<byte> peer = stackalloc byte[Endpoint.CompactSizeIPv4];
        Endpoint.FromIPv4(0x0C000000 + (uint)number, 7000).WriteCompact(peer);
        NodeId target = query.InfoHash.AsNodeId;
        int peers = HasPeers(target) && number % 2 == 0 ? 1 : 0;
        KrpcContacts contacts = ContactsFor(query, target, number);
        ReadOnlySpan<byte> token = neighbours[number].GivesNoToken ? default : TokenOf(number);
        if (neighbours[number].ChangesToken)
        {
            neighbours[number].ChangesToken = false;
            token = "stale"u8;
        }

        return KrpcReplies.WritePeers(
            answer, envelope, contacts, token, peer[..(peers * peer.Length)], peer.Length);
    }

    private int WriteAccepted(Span<byte> answer, in KrpcEnvelope envelope, in KrpcMessage query, int number)
    {
        Neighbour neighbour = neighbours[number];
        if (!query.Token.SequenceEqual(TokenOf(number)))
        {
            BadTokens++;
        }
        else if (!neighbour.Refuses)
        {
            if (AnnouncementCount < Announcements.Length)
            {
                Announcements[AnnouncementCount] = new(neighbour, query.InfoHash, query.Port, query.ImpliedPort);
            }

            AnnouncementCount++;
            return KrpcReplies.WritePong(answer, envelope);
        }

        return KrpcReplies.WriteError(answer, envelope, 203, "bad token"u8);
    }

    private ReadOnlySpan<byte> TokenOf(int number)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_token, SeededRandomSource.Mix(options.Seed + (ulong)number));
        return _token.AsSpan(0, neighbours[number].HasLongToken ? 65 : 8);
    }
}
