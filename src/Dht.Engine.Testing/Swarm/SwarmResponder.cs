using System.Buffers.Binary;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Testing.Swarm;

/// <summary>
/// Turns a datagram to a node into its reply. Owns no socket; for one thread at a time; allocates nothing once created.
/// </summary>
internal sealed partial class SwarmResponder
{
    /// <summary>Room for any reply.</summary>
    public const int ReplySizeMax = 2048;

    public const int ContactsMax = 32;

    private const int TokenSize = 8;
    private const int SampleIntervalSeconds = 3600;

    private readonly SwarmPopulation _population;
    private readonly SwarmContacts _contacts;
    private readonly SwarmAddressBook _addresses;
    private readonly SeededRandomSource _random;
    private readonly ulong _lossBelow;
    private readonly int _contactCount;
    private readonly byte[] _nodes = new byte[TooMany * CompactNode.SizeIPv4];
    private readonly byte[] _transactionId = new byte[byte.MaxValue];
    private readonly byte[] _asked;

    public SwarmResponder(
        SwarmPopulation population, SwarmIndex index, SwarmAddressBook addresses, int contactsPerReply,
        double lossPercent)
    {
        _population = population;
        _addresses = addresses;
        _contacts = new SwarmContacts(population, index, addresses, contactsPerReply);
        _contactCount = contactsPerReply;
        _random = new SeededRandomSource(population.Seed);
        _lossBelow = SwarmPopulation.Threshold(lossPercent);
        _asked = population.HasHostile ? new byte[population.Count] : [];
    }

    public SwarmTally Tally { get; } = new();

    public long MemoryBytes => _asked.Length + _nodes.Length + _transactionId.Length;

    private static ReadOnlySpan<byte> Version => "LS\x00\x01"u8;

    /// <summary>Answers one datagram.</summary>
    /// <param name="datagram">Borrowed.</param>
    /// <param name="source">Who sent it.</param>
    /// <param name="index">The node it was sent to.</param>
    /// <param name="reply">At least <see cref="ReplySizeMax"/> bytes.</param>
    /// <returns>The length of the reply, or 0 for silence.</returns>
    public int Answer(ReadOnlySpan<byte> datagram, in Endpoint source, int index, Span<byte> reply)
    {
        Tally.Received++;
        if (_lossBelow != 0 && _random.NextUInt32() < _lossBelow)
        {
            Tally.Lost++;
            return 0;
        }

        return Respond(datagram, source, index, reply);
    }

    /// <summary>
    /// Answers one query that was not asked, so that the first real one need not wait for the compiler.
    /// </summary>
    public void WarmUp()
    {
        Span<byte> query = stackalloc byte[KrpcQueries.SizeMax];
        NodeId id = _population.IdOf(0);
        int length = KrpcQueries.WriteFindNode(query, new KrpcEnvelope { Id = id, TransactionId = "t"u8 }, id);
        Respond(query[..length], _addresses[0], 0, new byte[ReplySizeMax]);
    }

    private int Respond(ReadOnlySpan<byte> datagram, in Endpoint source, int index, Span<byte> reply)
    {
        SwarmNodeKind kind = _population.KindOf(index);
        if (kind == SwarmNodeKind.Dead)
        {
            return 0;
        }

        if (KrpcMessage.Parse(datagram, out KrpcMessage query) != KrpcFault.None)
        {
            Tally.Malformed++;
            return 0;
        }

        if (query.Kind != KrpcKind.Query)
        {
            return 0;
        }

        if (kind == SwarmNodeKind.Hostile)
        {
            return AnswerWithTrick(datagram, query, source, index, reply);
        }

        var envelope = new KrpcEnvelope
        {
            Id = _population.IdOf(index),
            TransactionId = query.TransactionId,
            Version = Version,
            Requester = source,
        };
        return WriteReply(reply, envelope, query, index, SwarmTrick.None);
    }

    private int WriteReply(
        Span<byte> reply, in KrpcEnvelope envelope, in KrpcMessage query, int index, SwarmTrick trick)
    {
        if (query.BodyFault == KrpcBodyFault.MissingMethod)
        {
            return Refuse(reply, envelope, "missing method"u8);
        }

        if (query.Method == KrpcMethod.Other)
        {
            return KrpcReplies.WriteError(reply, envelope, KrpcErrorCode.MethodUnknown, "method unknown"u8);
        }

        bool hasArguments = query.Method switch
        {
            KrpcMethod.FindNode or KrpcMethod.SampleInfoHashes => query.HasTarget,
            KrpcMethod.GetPeers or KrpcMethod.AnnouncePeer => query.HasInfoHash,
            _ => true,
        };
        if (query.BodyFault != KrpcBodyFault.None || !hasArguments)
        {
            return Refuse(reply, envelope, "missing or invalid arguments"u8);
        }

        return query.Method switch
        {
            KrpcMethod.FindNode =>
                KrpcReplies.WriteNodes(
                    reply, envelope, Contacts(query, query.Target, index, trick, envelope.Requester)),
            KrpcMethod.GetPeers => WritePeers(reply, envelope, query, index, trick),
            KrpcMethod.SampleInfoHashes => WriteSamples(reply, envelope, query, index, trick),
            _ => KrpcReplies.WritePong(reply, envelope),
        };
    }

    private int WritePeers(
        Span<byte> reply, in KrpcEnvelope envelope, in KrpcMessage query, int index, SwarmTrick trick)
    {
        NodeId target = query.InfoHash.AsNodeId;
        Span<byte> token = stackalloc byte[TokenSize];
        ulong node = SwarmPopulation.Hash(_population.ChoiceSeed, ~(ulong)index);
        BinaryPrimitives.WriteUInt64BigEndian(token, SwarmPopulation.Hash(node, envelope.Requester.IPv4Bits));
        return KrpcReplies.WritePeers(
            reply, envelope, Contacts(query, target, index, trick, envelope.Requester), token, peers: default,
            Endpoint.CompactSizeIPv4);
    }

    private int WriteSamples(
        Span<byte> reply, in KrpcEnvelope envelope, in KrpcMessage query, int index, SwarmTrick trick)
    {
        Span<byte> samples = stackalloc byte[SwarmPopulation.SamplesPerNode * InfoHash.Size];
        for (int i = 0; i < SwarmPopulation.SamplesPerNode; i++)
        {
            _population.SampleOf(index, i).AsNodeId.CopyTo(samples[(i * InfoHash.Size)..]);
        }

        return KrpcReplies.WriteSamples(
            reply, envelope, Contacts(query, query.Target, index, trick, envelope.Requester), SampleIntervalSeconds,
            SwarmPopulation.SamplesPerNode, samples);
    }

    /// <summary>
    /// The swarm speaks IPv4 only: an asker for IPv6 contacts gets an empty list of them (BEP 32).
    /// </summary>
    private KrpcContacts Contacts(
        in KrpcMessage query, in NodeId target, int index, SwarmTrick trick, in Endpoint asker)
    {
        IpFamily families = query.Want == IpFamily.None ? IpFamily.IPv4 : query.Want;
        int size = (families & IpFamily.IPv4) == 0 ? 0
            : trick == SwarmTrick.None ? _contacts.Write(index, target, _nodes)
            : WriteTrickContacts(trick, index, target, asker);
        return new KrpcContacts { Families = families, Nodes = _nodes.AsSpan(0, size) };
    }

    private int Refuse(Span<byte> reply, in KrpcEnvelope envelope, ReadOnlySpan<byte> text)
    {
        Tally.Malformed++;
        return KrpcReplies.WriteError(reply, envelope, KrpcErrorCode.Protocol, text);
    }
}
