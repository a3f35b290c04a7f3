using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// Writes what a node answers by itself: the methods of BEP 5 and BEP 51, contacts to those that it does not know, and
/// errors.
/// </summary>
internal sealed class AnswerWriter
{
    private const int PeerBytesMax = 240;

    private readonly ReplyContacts _contacts;
    private readonly IPeerStore _peers;
    private readonly SampleSet _samples;
    private readonly TokenVault _tokens;
    private readonly CustomMethods _methods;

    public AnswerWriter(
        NodeFamilies families, IPeerStore peers, TokenVault tokens, CustomMethods methods, int contactsPerReply)
    {
        _contacts = new ReplyContacts(families, contactsPerReply);
        _peers = peers;
        _samples = new SampleSet(peers);
        _tokens = tokens;
        _methods = methods;
    }

    /// <summary>Writes the answer to a query.</summary>
    /// <param name="place">Room for a largest datagram.</param>
    /// <param name="envelope">Who answers whom.</param>
    public WrittenAnswer Write(
        Span<byte> place, in KrpcEnvelope envelope, in KrpcMessage query, in Endpoint source, Instant now)
    {
        if (query.BodyFault == KrpcBodyFault.MissingMethod)
        {
            return Refuse(place, envelope, KrpcErrorCode.Protocol, "missing method"u8);
        }

        if (query.Method == KrpcMethod.Other
            && (query.BodyFault == KrpcBodyFault.None || !_methods.Contains(query.MethodName)))
        {
            return AnswerUnknown(place, envelope, query, source);
        }

        if (query.BodyFault != KrpcBodyFault.None)
        {
            return Refuse(
                place,
                envelope,
                KrpcErrorCode.Protocol,
                query.BodyFault == KrpcBodyFault.BadId ? "missing or invalid id"u8 : "missing arguments"u8);
        }

        return query.Method switch
        {
            KrpcMethod.Ping => WrittenAnswer.Response(KrpcReplies.WritePong(place, envelope)),
            KrpcMethod.FindNode => FindNode(place, envelope, query, source),
            KrpcMethod.GetPeers => GetPeers(place, envelope, query, source, now),
            KrpcMethod.AnnouncePeer => AnnouncePeer(place, envelope, query, source, now),
            _ => Sample(place, envelope, query, source, now),
        };
    }

    /// <summary>
    /// An iterative search by a method that we do not know is let past, as libtorrent and mldht do: with contacts near
    /// to what it looks for. Without a token: it would invite to the put that follows a get (BEP 44), which we refuse,
    /// and take one of the few places of those that store.
    /// </summary>
    private WrittenAnswer AnswerUnknown(
        Span<byte> place, in KrpcEnvelope envelope, in KrpcMessage query, in Endpoint source)
    {
        if (query.BodyFault != KrpcBodyFault.None || !(query.HasTarget || query.HasInfoHash))
        {
            return Refuse(place, envelope, KrpcErrorCode.MethodUnknown, "method unknown"u8);
        }

        NodeId target = query.HasTarget ? query.Target : query.InfoHash.AsNodeId;
        return WrittenAnswer.Response(
            KrpcReplies.WriteNodes(place, envelope, _contacts.Closest(target, query, source)));
    }

    private WrittenAnswer FindNode(Span<byte> place, in KrpcEnvelope envelope, in KrpcMessage query, in Endpoint source)
    {
        if (!query.HasTarget)
        {
            return Refuse(place, envelope, KrpcErrorCode.Protocol, "missing or invalid target"u8);
        }

        KrpcContacts contacts = _contacts.Closest(query.Target, query, source);
        return WrittenAnswer.Response(KrpcReplies.WriteNodes(place, envelope, contacts));
    }

    private WrittenAnswer GetPeers(
        Span<byte> place, in KrpcEnvelope envelope, in KrpcMessage query, in Endpoint source, Instant now)
    {
        if (!query.HasInfoHash)
        {
            return Refuse(place, envelope, KrpcErrorCode.Protocol, "missing or invalid info_hash"u8);
        }

        InfoHash infoHash = query.InfoHash;
        KrpcContacts contacts = _contacts.Closest(infoHash.AsNodeId, query, source);
        Span<byte> token = stackalloc byte[TokenVault.TokenSize];
        _tokens.Write(source, infoHash, token);
        Span<byte> peers = stackalloc byte[PeerBytesMax];
        int sizeOfPeer = source.CompactSize + (source.IsIPv6 ? "18:"u8.Length : "6:"u8.Length);
        int peersFit = RoomBeside(contacts, query) / sizeOfPeer;
        Span<byte> room = peers[..Math.Min(PeerBytesMax, peersFit * source.CompactSize)];
        int size = _peers.CopyPeers(infoHash, source.Family, room, now);
        return WrittenAnswer.Response(
            KrpcReplies.WritePeers(place, envelope, contacts, token, peers[..size], source.CompactSize));
    }

    private WrittenAnswer AnnouncePeer(
        Span<byte> place, in KrpcEnvelope envelope, in KrpcMessage query, in Endpoint source, Instant now)
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
        return _peers.TryAdd(infoHash, peer, now)
            ? WrittenAnswer.Stored(KrpcReplies.WritePong(place, envelope), infoHash, peer)
            : Refuse(place, envelope, KrpcErrorCode.Server, "storage is full"u8);
    }

    private WrittenAnswer Sample(
        Span<byte> place, in KrpcEnvelope envelope, in KrpcMessage query, in Endpoint source, Instant now)
    {
        if (!query.HasTarget)
        {
            return Refuse(place, envelope, KrpcErrorCode.Protocol, "missing or invalid target"u8);
        }

        KrpcContacts contacts = _contacts.Closest(query.Target, query, source);
        ReadOnlySpan<byte> samples = _samples.Get(now, out int stored, out int interval);
        int count = Math.Min(samples.Length, RoomBeside(contacts, query)) / InfoHash.Size;
        return WrittenAnswer.Response(KrpcReplies.WriteSamples(
            place, envelope, contacts, interval, stored, samples[..(count * InfoHash.Size)]));
    }

    private static int RoomBeside(in KrpcContacts contacts, in KrpcMessage query) =>
        ReplySize.RoomFor(query) - contacts.Nodes.Length - contacts.Nodes6.Length;

    private static WrittenAnswer Refuse(
        Span<byte> place, in KrpcEnvelope envelope, int code, ReadOnlySpan<byte> text) =>
        WrittenAnswer.Error(KrpcReplies.WriteError(place, envelope, code, text));
}
