using System.Runtime.CompilerServices;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;
using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <content>What others ask of us.</content>
public sealed partial class MainlineNode
{
    // A reply stays within 1,024 bytes. Keys, ids, token, version and the heads of all strings take at most 170 of them, the echoed
    // transaction id up to 255. Of the rest, contacts leave 64 to peers or samples: 16 contacts of one family (608) or 8 of each
    // (512) fit with a transaction id of usual length.
    private const int ReplySizeMax = 1024;
    private const int ReplyOverheadMax = 170;
    private const int ContactsLeave = 64;
    private const int ContactsOfEachMax = 8;
    private const int PeerBytesMax = 240;
    private const int SamplesMax = 20;
    private const int SampleIntervalSeconds = 60;

    // What the query at hand has stored, for the observers; no peer when it has not.
    private (InfoHash InfoHash, Endpoint Peer) _announced;

    private void Answer(in KrpcMessage query, in Endpoint source, Instant now)
    {
        _counters.QueriesReceived++;
        if (_options.ReadOnly)
        {
            return;
        }

        if (!_answerThrottle.TryPass(source, now))
        {
            _counters.Throttled++;
            return;
        }

        if (query.BodyFault == KrpcBodyFault.None && query.SenderId == IdOf(source.Family))
        {
            _counters.Reflected++;
            return;
        }

        Extensions.Observers.Query(this, query, source);
        bool isDecided = false;
        bool isSent = CouldBeDecidedByExtension(query) && AnswerByExtension(query, source, now, out isDecided);
        isSent = isDecided ? isSent : AnswerByItself(query, source, now);
        if (isSent && query.BodyFault == KrpcBodyFault.None && !query.IsReadOnly)
        {
            NoticeAsker(query.SenderId, source, now);
        }
    }

    private bool AnswerByItself(in KrpcMessage query, in Endpoint source, Instant now)
    {
        if (_outbox.TryReserve(source, out Span<byte> place) != StageResult.Ready)
        {
            _counters.AnswersDropped++;
            return false;
        }

        _outbox.Commit(WriteAnswer(place, query, source, now));
        if (_announced.Peer.Family != IpFamily.None)
        {
            // Only now: an observer that sends something would else take the place of the answer.
            (InfoHash infoHash, Endpoint peer) = _announced;
            _announced = default;
            Extensions.Observers.Announce(this, infoHash, peer);
        }

        return true;
    }

    private bool CouldBeDecidedByExtension(in KrpcMessage query) =>
        !Extensions.Handlers.IsEmpty || (IsCustom(query) && Extensions.Methods.HasAny);

    private static bool IsCustom(in KrpcMessage query) => query.Method == KrpcMethod.Other && query.BodyFault == KrpcBodyFault.None;

    /// <summary>
    /// Lets handlers decide, and then the answers to methods of the user's own. They write into a buffer of their own: a handler may
    /// send something before it answers.
    /// </summary>
    /// <returns>Whether something was sent.</returns>
    // Not inlined: the context is some hundred bytes, which would be cleared for every packet, handlers or none.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AnswerByExtension(in KrpcMessage query, in Endpoint source, Instant now, out bool isDecided)
    {
        var context = new QueryContext(this, query, source, now, EnvelopeForReply(query, source), _scratch);
        Extensions.Handlers.Run(ref context);
        isDecided = context.Decision != QueryDecision.None || (IsCustom(query) && Extensions.Methods.TryAnswer(ref context));
        if (!isDecided || context.Decision == QueryDecision.Vetoed)
        {
            _counters.Vetoed += isDecided ? 1 : 0;
            return false;
        }

        if (_outbox.TryReserve(source, out Span<byte> place) != StageResult.Ready)
        {
            _counters.AnswersDropped++;
            return false;
        }

        _scratch.AsSpan(0, context.Length).CopyTo(place);
        _outbox.Commit(context.Length);
        _counters.QueriesAnswered += context.Decision == QueryDecision.Replied ? 1 : 0;
        _counters.ErrorsSent += context.Decision == QueryDecision.Refused ? 1 : 0;
        return true;
    }

    private int WriteAnswer(Span<byte> place, in KrpcMessage query, in Endpoint source, Instant now)
    {
        KrpcEnvelope envelope = EnvelopeForReply(query, source);
        if (query.BodyFault == KrpcBodyFault.MissingMethod)
        {
            return Refuse(place, envelope, KrpcErrorCode.Protocol, "missing method"u8);
        }

        if (query.Method == KrpcMethod.Other && (query.BodyFault == KrpcBodyFault.None || !Extensions.Methods.Contains(query.MethodName)))
        {
            return Refuse(place, envelope, KrpcErrorCode.MethodUnknown, "method unknown"u8);
        }

        if (query.BodyFault != KrpcBodyFault.None)
        {
            return Refuse(
                place, envelope, KrpcErrorCode.Protocol,
                query.BodyFault == KrpcBodyFault.BadId ? "missing or invalid id"u8 : "missing arguments"u8);
        }

        long errors = _counters.ErrorsSent;
        int length = query.Method switch
        {
            KrpcMethod.Ping => KrpcReplies.WritePong(place, envelope),
            KrpcMethod.FindNode => AnswerFindNode(place, envelope, query, source),
            KrpcMethod.GetPeers => AnswerGetPeers(place, envelope, query, source, now),
            KrpcMethod.AnnouncePeer => AnswerAnnounce(place, envelope, query, source, now),
            _ => AnswerSample(place, envelope, query, source),
        };
        _counters.QueriesAnswered += length > 0 && errors == _counters.ErrorsSent ? 1 : 0;
        return length;
    }

    private int AnswerFindNode(Span<byte> place, in KrpcEnvelope envelope, in KrpcMessage query, in Endpoint source)
    {
        if (!query.HasTarget)
        {
            return Refuse(place, envelope, KrpcErrorCode.Protocol, "missing or invalid target"u8);
        }

        Span<byte> nodes = stackalloc byte[ContactsPerReplyMax * CompactNode.SizeIPv4];
        Span<byte> nodes6 = stackalloc byte[ContactsPerReplyMax * CompactNode.SizeIPv6];
        KrpcContacts contacts = Closest(query.Target, query, source, nodes, nodes6);
        return KrpcReplies.WriteNodes(place, envelope, contacts);
    }

    private int AnswerGetPeers(Span<byte> place, in KrpcEnvelope envelope, in KrpcMessage query, in Endpoint source, Instant now)
    {
        if (!query.HasInfoHash)
        {
            return Refuse(place, envelope, KrpcErrorCode.Protocol, "missing or invalid info_hash"u8);
        }

        InfoHash infoHash = query.InfoHash;
        Span<byte> nodes = stackalloc byte[ContactsPerReplyMax * CompactNode.SizeIPv4];
        Span<byte> nodes6 = stackalloc byte[ContactsPerReplyMax * CompactNode.SizeIPv6];
        KrpcContacts contacts = Closest(infoHash.AsNodeId, query, source, nodes, nodes6);
        Span<byte> token = stackalloc byte[TokenVault.TokenSize];
        _tokens.Write(source, infoHash, token);
        Span<byte> peers = stackalloc byte[PeerBytesMax];
        int room = RoomFor(query) - contacts.Nodes.Length - contacts.Nodes6.Length;
        int peersFit = room / (source.CompactSize + (source.IsIPv6 ? "18:"u8.Length : "6:"u8.Length));
        int peerBytes = Peers.CopyPeers(infoHash, source.Family, peers[..Math.Min(PeerBytesMax, peersFit * source.CompactSize)], now);
        return KrpcReplies.WritePeers(place, envelope, contacts, token, peers[..peerBytes], source.CompactSize);
    }

    private int AnswerAnnounce(Span<byte> place, in KrpcEnvelope envelope, in KrpcMessage query, in Endpoint source, Instant now)
    {
        ushort port = query.ImpliedPort ? source.Port : query.Port;
        if (!query.HasInfoHash)
        {
            return Refuse(place, envelope, KrpcErrorCode.Protocol, "missing or invalid info_hash"u8);
        }

        if (port == 0)
        {
            return Refuse(place, envelope, KrpcErrorCode.Protocol, "missing or invalid port"u8);
        }

        if (!_tokens.Check(query.Token, source, query.InfoHash))
        {
            return Refuse(place, envelope, KrpcErrorCode.Protocol, "bad token"u8);
        }

        InfoHash infoHash = query.InfoHash;
        Endpoint peer = source.WithPort(port);
        if (!Peers.TryAdd(infoHash, peer, now))
        {
            return Refuse(place, envelope, KrpcErrorCode.Server, "storage is full"u8);
        }

        _counters.PeersStored++;
        int length = KrpcReplies.WritePong(place, envelope);
        _announced = (infoHash, peer);
        return length;
    }

    private int AnswerSample(Span<byte> place, in KrpcEnvelope envelope, in KrpcMessage query, in Endpoint source)
    {
        if (!query.HasTarget)
        {
            return Refuse(place, envelope, KrpcErrorCode.Protocol, "missing or invalid target"u8);
        }

        Span<byte> nodes = stackalloc byte[ContactsPerReplyMax * CompactNode.SizeIPv4];
        Span<byte> nodes6 = stackalloc byte[ContactsPerReplyMax * CompactNode.SizeIPv6];
        KrpcContacts contacts = Closest(query.Target, query, source, nodes, nodes6);
        Span<byte> samples = stackalloc byte[SamplesMax * InfoHash.Size];
        int room = RoomFor(query) - contacts.Nodes.Length - contacts.Nodes6.Length;
        int sampleBytes = Peers.CopySamples(samples[..Math.Min(samples.Length, room)]);
        return KrpcReplies.WriteSamples(
            place, envelope, contacts, SampleIntervalSeconds, Peers.InfoHashCount, samples[..sampleBytes]);
    }

    /// <summary>The nearest contacts of the families that were asked for; of the source's own when none was named (BEP 32).</summary>
    private KrpcContacts Closest(
        in NodeId target, in KrpcMessage query, in Endpoint source, Span<byte> nodes, Span<byte> nodes6)
    {
        IpFamily families = query.Want != IpFamily.None ? query.Want
            : source.IsIPv6 ? IpFamily.IPv6
            : IpFamily.IPv4;
        NodeId asker = query.SenderId;
        (int most, int entry) = families switch
        {
            IpFamily.Both => (ContactsOfEachMax, CompactNode.SizeIPv4 + CompactNode.SizeIPv6),
            IpFamily.IPv6 => (ContactsPerReplyMax, CompactNode.SizeIPv6),
            _ => (ContactsPerReplyMax, CompactNode.SizeIPv4),
        };
        int count = Math.Min(Math.Min(_options.ContactsPerReply, most), (RoomFor(query) - ContactsLeave) / entry);
        int size = (families & IpFamily.IPv4) == 0 ? 0
            : _tableIPv4.CopyClosest(target, asker, nodes[..(count * CompactNode.SizeIPv4)]);
        int size6 = (families & IpFamily.IPv6) == 0 ? 0
            : _tableIPv6.CopyClosest(target, asker, nodes6[..(count * CompactNode.SizeIPv6)]);
        return new KrpcContacts { Families = families, Nodes = nodes[..size], Nodes6 = nodes6[..size6] };
    }

    private static int RoomFor(in KrpcMessage query) => ReplySizeMax - ReplyOverheadMax - query.TransactionId.Length;

    private int Refuse(Span<byte> place, in KrpcEnvelope envelope, int code, ReadOnlySpan<byte> text)
    {
        _counters.ErrorsSent++;
        return KrpcReplies.WriteError(place, envelope, code, text);
    }
}
