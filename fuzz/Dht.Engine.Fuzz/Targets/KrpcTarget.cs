using Dht.Engine.Addressing;
using Dht.Engine.Krpc;

namespace Dht.Engine.Fuzz.Targets;

/// <summary>
/// What a parsed message must be whatever the bytes are, and that writing it again keeps what it says.
/// </summary>
public sealed class KrpcTarget : IFuzzTarget
{
    private readonly byte[] _encoded = new byte[64 * 1024];
    private readonly byte[] _peers = new byte[64 * 1024];

    /// <inheritdoc/>
    public string Name => "krpc";

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Seeds => KrpcSeeds.Messages;

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Dictionary => KrpcSeeds.Words;

    /// <inheritdoc/>
    public IReadOnlyList<string> Namespaces { get; } = ["Dht.Engine.Krpc", "Dht.Engine.Bencode.BencodeScanner"];

    /// <inheritdoc/>
    public InputShape Shape => InputShape.Bencode;

    /// <inheritdoc/>
    public int LengthMax => 1400;

    /// <inheritdoc/>
    public void Execute(ReadOnlySpan<byte> input)
    {
        AllocationWatch.Start();
        if (KrpcMessage.Parse(input, out KrpcMessage message) == KrpcFault.None)
        {
            CheckShape(input, message);
            if (message.BodyFault == KrpcBodyFault.None)
            {
                CheckRoundTrip(message);
            }
        }

        AllocationWatch.Stop();
    }

    private static void CheckShape(ReadOnlySpan<byte> input, in KrpcMessage message)
    {
        FuzzFailureException.Require(message.Kind != KrpcKind.None, "a message has a kind");
        FuzzFailureException.Require(
            message.TransactionId.Length is >= 1 and <= 255, "a transaction id has 1 to 255 bytes");
        FuzzFailureException.Require(message.Id.Length is 0 or 20, "an id has 20 bytes or is absent");
        FuzzFailureException.Require(message.HasId == (message.Id.Length == 20), "HasId says whether there is an id");
        FuzzFailureException.Require(
            message.Interval is >= 0 and <= 21_600 && message.Num >= 0, "numbers are in range");
        FuzzFailureException.Require((uint)message.TrailingBytes < (uint)input.Length, "trailing bytes lie within");
        CheckWithin(input, message.TransactionId);
        CheckWithin(input, message.MethodName);
        CheckWithin(input, message.Version);
        CheckWithin(input, message.Body);
        CheckWithin(input, message.Id);
        CheckWithin(input, message.Token);
        CheckWithin(input, message.ErrorText);
        CheckWithin(input, message.Samples);
        CheckWithin(input, message.Nodes.Bytes);
        CheckWithin(input, message.Nodes6.Bytes);
        FuzzFailureException.Require(
            message.Body.IsEmpty
                || (message.Body[0] == (byte)'d' && message.Body[^1] == (byte)'e'), "a body is a dictionary");
        int peers = 0;
        foreach (Endpoint peer in message.Values)
        {
            FuzzFailureException.Require(peer.Family != IpFamily.None, "a peer has an address");
            peers++;
        }

        FuzzFailureException.Require(peers * 8 <= input.Length, "no more peers than fit");
    }

    private static void CheckWithin(ReadOnlySpan<byte> input, ReadOnlySpan<byte> part)
    {
        bool within = part.IsEmpty
            || (input.Overlaps(part, out int offset) && offset >= 0 && offset + part.Length <= input.Length);
        FuzzFailureException.Require(within, "a field lies within the datagram");
    }

    private void CheckRoundTrip(in KrpcMessage message)
    {
        message.TryGetObservedEndpoint(out Endpoint observed);
        KrpcEnvelope envelope = new()
        {
            Id = message.SenderId,
            TransactionId = message.TransactionId,
            Version = message.Version,
            ReadOnly = message.IsReadOnly,
            Requester = observed,
        };
        int length = message.Kind switch
        {
            KrpcKind.Query => WriteQuery(envelope, message),
            KrpcKind.Response => WriteResponse(envelope, message),
            _ => KrpcReplies.WriteError(_encoded, envelope, message.ErrorCode, message.ErrorText),
        };
        if (length == 0)
        {
            FuzzFailureException.Require(
                message.Kind == KrpcKind.Query && message.Method == KrpcMethod.Other, "what was read can be written");
            return;
        }

        KrpcFault fault = KrpcMessage.Parse(_encoded.AsSpan(0, length), out KrpcMessage again);
        FuzzFailureException.Require(
            fault == KrpcFault.None && again.BodyFault == KrpcBodyFault.None, "what was written can be read");
        FuzzFailureException.Require(again.TrailingBytes == 0 && again.Kind == message.Kind, "and is of the same kind");
        FuzzFailureException.Require(
            again.TransactionId.SequenceEqual(message.TransactionId), "with its transaction id");
        FuzzFailureException.Require(again.Version.SequenceEqual(message.Version), "and its version");
        CompareBodies(message, again);
    }

    private int WriteQuery(in KrpcEnvelope envelope, in KrpcMessage query) => query.Method switch
    {
        KrpcMethod.Ping => KrpcQueries.WritePing(_encoded, envelope),
        KrpcMethod.FindNode => KrpcQueries.WriteFindNode(_encoded, envelope, query.Target, query.Want),
        KrpcMethod.GetPeers => KrpcQueries.WriteGetPeers(_encoded, envelope, query.InfoHash, query.Want),
        KrpcMethod.AnnouncePeer => KrpcQueries.WriteAnnouncePeer(
            _encoded, envelope, query.InfoHash, query.Port, query.ImpliedPort, query.Token),
        KrpcMethod.SampleInfoHashes => KrpcQueries.WriteSampleInfoHashes(_encoded, envelope, query.Target, query.Want),
        _ => 0,
    };

    private int WriteResponse(in KrpcEnvelope envelope, in KrpcMessage response)
    {
        KrpcContacts contacts = new()
        {
            Families = IpFamily.Both,
            Nodes = response.Nodes.Bytes,
            Nodes6 = response.Nodes6.Bytes,
        };
        if (response.HasSamples)
        {
            return KrpcReplies.WriteSamples(
                _encoded, envelope, contacts, response.Interval, response.Num, response.Samples);
        }

        int peers = 0;
        foreach (Endpoint peer in response.Values)
        {
            peers += peer.IsIPv4 ? peer.WriteCompact(_peers.AsSpan(peers)) : 0;
        }

        return response.HasToken
            ? KrpcReplies.WritePeers(
                _encoded, envelope, contacts, response.Token, _peers.AsSpan(0, peers), Endpoint.CompactSizeIPv4)
            : KrpcReplies.WriteNodes(_encoded, envelope, contacts);
    }

    private static void CompareBodies(in KrpcMessage message, in KrpcMessage again)
    {
        if (message.Kind == KrpcKind.Error)
        {
            bool same = again.ErrorCode == message.ErrorCode && again.ErrorText.SequenceEqual(message.ErrorText);
            FuzzFailureException.Require(same, "an error keeps code and text");
            return;
        }

        FuzzFailureException.Require(again.SenderId == message.SenderId, "the sender keeps its id");
        if (message.Kind == KrpcKind.Query)
        {
            FuzzFailureException.Require(again.Method == message.Method, "a query keeps its method");
            FuzzFailureException.Require(again.IsReadOnly == message.IsReadOnly, "and ro");
            bool aims = message.Method is KrpcMethod.FindNode or KrpcMethod.SampleInfoHashes;
            FuzzFailureException.Require(
                !aims || (again.Target == message.Target && again.Want == message.Want), "and its target");
            bool announces = message.Method == KrpcMethod.AnnouncePeer;
            FuzzFailureException.Require(
                !announces || (again.Port == message.Port && again.ImpliedPort == message.ImpliedPort
                    && again.Token.SequenceEqual(message.Token)),
                "and what it announces");
            return;
        }

        FuzzFailureException.Require(
            again.Nodes.Bytes.SequenceEqual(message.Nodes.Bytes), "a response keeps its contacts");
        FuzzFailureException.Require(again.Nodes6.Bytes.SequenceEqual(message.Nodes6.Bytes), "of both families");
        FuzzFailureException.Require(again.Samples.SequenceEqual(message.Samples), "and its samples");
        FuzzFailureException.Require(
            message.HasSamples || !message.HasToken || again.Token.SequenceEqual(message.Token), "and its token");
    }
}
