using System.Buffers.Binary;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Node;

/// <content>What the responders answer, and when it arrives.</content>
internal sealed partial class LookupWorld
{
    private const int K = 8;
    private const int ReplySize = 1024;
    private const int ReplyCount = 8192;

    private readonly byte[] _replies = new byte[ReplySize * ReplyCount];
    private readonly Reply[] _inFlight = new Reply[ReplyCount];
    private readonly Stack<int> _free = new(Enumerable.Range(0, ReplyCount));
    private readonly PriorityQueue<int, (long Due, long Number)> _arrivals = new(ReplyCount);
    private readonly byte[] _nodes = new byte[K * CompactNode.SizeIPv4];
    private readonly byte[] _nodes6 = new byte[K * CompactNode.SizeIPv6];
    private readonly byte[] _token = new byte[65];
    private long _number;

    /// <summary>How the responders say that they see us; of each family.</summary>
    public Endpoint SeenAtIPv4 { get; set; }

    public Endpoint SeenAtIPv6 { get; set; }

    /// <summary>Queries that left the node: of each method, dead destinations included.</summary>
    public int[] Queries { get; } = new int[8];

    /// <summary>Peers in all replies that reached the node while a lookup was under way.</summary>
    public int PeersNamed { get; private set; }

    /// <summary>Announcements that were accepted, in the order of arrival; the first of them are kept.</summary>
    public Announced[] Announcements { get; } = new Announced[64];

    public int AnnouncementCount { get; set; }

    /// <summary>Announcements with a token that the responder did not give.</summary>
    public int BadTokens { get; private set; }

    /// <summary>The destination of the latest query.</summary>
    public Endpoint LastDestination { get; private set; }

    public Instant NextArrival => _arrivals.TryPeek(out _, out (long Due, long Number) first) ? new Instant(first.Due) : Instant.Never;

    /// <summary>Torrents of which every responder with an even number knows one peer.</summary>
    public static bool HasPeers(in NodeId infoHash) => (infoHash.Prefix64 & 1) == 0;

    private void Flush()
    {
        for (int i = 0; i < Outbox.Count && IsFlushing; i++)
        {
            Endpoint destination = Outbox.Destination(i);
            Assert.True(KrpcMessage.Parse(Outbox.Datagram(i), out KrpcMessage query) == KrpcFault.None);
            Queries[(int)query.Method]++;
            LastDestination = destination;
            if (_byEndpoint.TryGetValue(destination, out int responder) && !IsDead[responder] && !Chance(_options.Loss))
            {
                Answer(query, responder);
            }
        }

        if (IsFlushing)
        {
            Outbox.Clear();
        }
    }

    private void Deliver()
    {
        while (NextArrival <= Now)
        {
            int slot = _arrivals.Dequeue();
            Reply reply = _inFlight[slot];
            PeersNamed += Node.LookupCount > 0 ? reply.Peers : 0;
            Node.Receive(_replies.AsSpan(slot * ReplySize, reply.Length), Endpoints[reply.Responder], Now);
            _free.Push(slot);
        }
    }

    private void Answer(in KrpcMessage query, int responder)
    {
        if (!_free.TryPop(out int slot))
        {
            return;
        }

        Span<byte> place = _replies.AsSpan(slot * ReplySize, ReplySize);
        var envelope = new KrpcEnvelope
        {
            Id = AnsweringIds[responder],
            TransactionId = query.TransactionId,
            Requester = KindOf(responder) == IpFamily.IPv6 ? SeenAtIPv6 : SeenAtIPv4,
        };
        int peers = 0;
        int length = Chance(_options.ErrorShare)
            ? KrpcReplies.WriteError(place, envelope, 202, "no"u8)
            : query.Method switch
            {
                KrpcMethod.FindNode => KrpcReplies.WriteNodes(place, envelope, ContactsFor(query, query.Target, responder)),
                KrpcMethod.GetPeers => WritePeers(place, envelope, query, responder, out peers),
                KrpcMethod.AnnouncePeer => WriteAccepted(place, envelope, query, responder),
                _ => KrpcReplies.WritePong(place, envelope),
            };
        Schedule(slot, new Reply(responder, length, peers));
        if (Chance(_options.DuplicateShare) && _free.TryPop(out int again))
        {
            place[..length].CopyTo(_replies.AsSpan(again * ReplySize));
            Schedule(again, new Reply(responder, length, 0));
        }
    }

    private void Schedule(int slot, in Reply reply)
    {
        TimeSpan max = Chance(_options.SlowShare) ? _options.SlowMax : _options.LatencyMax;
        Instant due = Now + TimeSpan.FromMilliseconds(1 + _random.Next((int)max.TotalMilliseconds));
        _inFlight[slot] = reply;
        _arrivals.Enqueue(slot, (due.Ticks, _number++));
    }

    private KrpcContacts ContactsFor(in KrpcMessage query, in NodeId target, int responder)
    {
        IpFamily own = KindOf(responder) == IpFamily.IPv6 ? IpFamily.IPv6 : IpFamily.IPv4;
        IpFamily want = query.Want == IpFamily.None ? own : query.Want;
        return new KrpcContacts
        {
            Families = want,
            Nodes = (want & IpFamily.IPv4) == 0 ? default : Write(target, IpFamily.IPv4, responder, _nodes),
            Nodes6 = (want & IpFamily.IPv6) == 0 ? default : Write(target, IpFamily.IPv6, responder, _nodes6),
        };
    }

    private ReadOnlySpan<byte> Write(in NodeId target, IpFamily family, int responder, byte[] wire)
    {
        Span<int> nearest = stackalloc int[K];
        int count = Nearest(target, family, liveOnly: false, nearest, knownTo: responder);
        for (int i = 0; i < count; i++)
        {
            Endpoint endpoint = Endpoints[nearest[i]];
            endpoint = Chance(_options.ForbiddenShare) ? endpoint.WithPort(0) : endpoint;
            new CompactNode(Ids[nearest[i]], endpoint).Write(wire.AsSpan(i * CompactNode.SizeOf(family)));
        }

        return wire.AsSpan(0, count * CompactNode.SizeOf(family));
    }

    private int WritePeers(Span<byte> place, in KrpcEnvelope envelope, in KrpcMessage query, int responder, out int peers)
    {
        Span<byte> peer = stackalloc byte[Endpoint.CompactSizeIPv4];
        Endpoint.FromIPv4(0x0C000000 + (uint)responder, 7000).WriteCompact(peer);
        NodeId target = query.InfoHash.AsNodeId;
        peers = HasPeers(target) && responder % 2 == 0 ? 1 : 0;
        return KrpcReplies.WritePeers(
            place, envelope, ContactsFor(query, target, responder), TokenOf(responder), peer[..(peers * peer.Length)], peer.Length);
    }

    private int WriteAccepted(Span<byte> place, in KrpcEnvelope envelope, in KrpcMessage query, int responder)
    {
        if (!query.Token.SequenceEqual(TokenOf(responder)))
        {
            BadTokens++;
        }
        else if (!Refuses[responder])
        {
            if (AnnouncementCount < Announcements.Length)
            {
                Announcements[AnnouncementCount] = new Announced(responder, query.InfoHash.AsNodeId, query.Port, query.ImpliedPort);
            }

            AnnouncementCount++;
            return KrpcReplies.WritePong(place, envelope);
        }

        return KrpcReplies.WriteError(place, envelope, 203, "bad token"u8);
    }

    private ReadOnlySpan<byte> TokenOf(int responder)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_token, SeededRandomSource.Mix(_options.Seed + (ulong)responder));
        return _token.AsSpan(0, HasLongToken[responder] ? 65 : 8);
    }

    internal readonly record struct Announced(int Responder, NodeId InfoHash, ushort Port, bool IsImplied);

    private readonly record struct Reply(int Responder, int Length, int Peers);
}
