using Dht.Engine.Addressing;
using Dht.Engine.Identity;

namespace Dht.Engine.Krpc;

/// <summary>
/// A typed view of one KRPC message, borrowed from the datagram it was parsed from: nothing is copied, nothing is
/// allocated. It is valid as long as the datagram's bytes are.
/// </summary>
/// <remarks>
/// One view serves queries and replies; a field that the message does not carry is empty, zero or absent. A field of
/// a wrong type or length counts as absent, so a reader of the view never meets a value that is out of shape.
/// </remarks>
public ref struct KrpcMessage
{
    internal ReadOnlySpan<byte> Datagram;
    internal ByteRange TransactionIdRange;
    internal ByteRange MethodRange;
    internal ByteRange VersionRange;
    internal ByteRange ObservedRange;
    internal ByteRange BodyRange;
    internal byte BodyKey;
    internal bool HasUnknownKind;
    internal ByteRange IdRange;
    internal ByteRange TargetRange;
    internal ByteRange InfoHashRange;
    internal ByteRange TokenRange;
    internal ByteRange NodesRange;
    internal ByteRange Nodes6Range;
    internal ByteRange ValuesRange;
    internal ByteRange SamplesRange;
    internal ByteRange ErrorTextRange;

    /// <summary>Query, response or error.</summary>
    public KrpcKind Kind { get; internal set; }

    /// <summary>The method of a query, when it is one of the built-in ones.</summary>
    public KrpcMethod Method { get; internal set; }

    /// <summary>
    /// <see cref="KrpcBodyFault.None"/>, or what is wrong with the body of a message whose envelope could be read: to
    /// be answered with error 203 when it is a query.
    /// </summary>
    public KrpcBodyFault BodyFault { get; internal set; }

    /// <summary><c>ro</c> = 1 (BEP 43): the sender answers no queries and does not belong in a routing table.</summary>
    public bool IsReadOnly { get; internal set; }

    /// <summary><c>implied_port</c> is present and not 0 (BEP 5): the announced port is the source port.</summary>
    public bool ImpliedPort { get; internal set; }

    /// <summary><c>want</c> (BEP 32).</summary>
    public IpFamily Want { get; internal set; }

    /// <summary><c>port</c> of announce_peer: 1 to 65535, or 0 when absent or out of range.</summary>
    public ushort Port { get; internal set; }

    /// <summary>The number in <c>e</c>.</summary>
    public int ErrorCode { get; internal set; }

    /// <summary>
    /// <c>interval</c> of sample_infohashes in seconds: 0 to 21,600 (BEP 51); out of range is clamped, absent is 0.
    /// </summary>
    public int Interval { get; internal set; }

    /// <summary><c>num</c> of sample_infohashes: how many infohashes the sender stores; not negative.</summary>
    public long Num { get; internal set; }

    /// <summary>Bytes after the message in the same datagram; tolerated and ignored.</summary>
    public int TrailingBytes { get; internal set; }

    /// <summary><c>t</c>: 1 to 255 bytes, to be echoed as they are.</summary>
    public readonly ReadOnlySpan<byte> TransactionId => TransactionIdRange.Of(Datagram);

    /// <summary><c>q</c>, raw; may not be UTF-8.</summary>
    public readonly ReadOnlySpan<byte> MethodName => MethodRange.Of(Datagram);

    /// <summary><c>v</c>, raw; conventionally two letters and two version bytes.</summary>
    public readonly ReadOnlySpan<byte> Version => VersionRange.Of(Datagram);

    /// <summary>
    /// The dictionary <c>a</c> or <c>r</c>, with its <c>d</c> and <c>e</c>, for methods that the engine does not
    /// know.
    /// </summary>
    public readonly ReadOnlySpan<byte> Body => BodyRange.Of(Datagram);

    /// <summary><c>id</c>: exactly 20 bytes, or empty.</summary>
    public readonly ReadOnlySpan<byte> Id => IdRange.Of(Datagram);

    /// <summary><c>token</c>; may be empty though present.</summary>
    public readonly ReadOnlySpan<byte> Token => TokenRange.Of(Datagram);

    /// <summary>The text in <c>e</c>, raw.</summary>
    public readonly ReadOnlySpan<byte> ErrorText => ErrorTextRange.Of(Datagram);

    /// <summary>Whether the sender's id is there.</summary>
    public readonly bool HasId => IdRange.IsPresent;

    /// <summary>Whether a target is there.</summary>
    public readonly bool HasTarget => TargetRange.IsPresent;

    /// <summary>Whether an infohash is there.</summary>
    public readonly bool HasInfoHash => InfoHashRange.IsPresent;

    /// <summary>Whether <c>token</c> is there.</summary>
    public readonly bool HasToken => TokenRange.IsPresent;

    /// <summary>Whether <c>values</c> is there, even if empty.</summary>
    public readonly bool HasValues => ValuesRange.IsPresent;

    /// <summary>Whether <c>samples</c> is there, even if empty: the sender speaks BEP 51.</summary>
    public readonly bool HasSamples => SamplesRange.IsPresent;

    /// <summary>The sender's id; zero when <see cref="HasId"/> is false.</summary>
    public readonly NodeId SenderId => IdRange.IsPresent ? new NodeId(Id) : default;

    /// <summary><c>target</c> of find_node and sample_infohashes; zero when absent.</summary>
    public readonly NodeId Target => TargetRange.IsPresent ? new NodeId(TargetRange.Of(Datagram)) : default;

    /// <summary><c>info_hash</c>; zero when absent.</summary>
    public readonly InfoHash InfoHash => InfoHashRange.IsPresent ? new InfoHash(InfoHashRange.Of(Datagram)) : default;

    /// <summary>The IPv4 contacts in <c>nodes</c>, read in place.</summary>
    public readonly CompactNodes Nodes => new(NodesRange.Of(Datagram), IpFamily.IPv4);

    /// <summary>The IPv6 contacts in <c>nodes6</c> (BEP 32), read in place.</summary>
    public readonly CompactNodes Nodes6 => new(Nodes6Range.Of(Datagram), IpFamily.IPv6);

    /// <summary>The peers in <c>values</c>, read in place.</summary>
    public readonly CompactPeers Values => new(ValuesRange.Of(Datagram));

    /// <summary>The infohashes in <c>samples</c> (BEP 51), 20 bytes each.</summary>
    public readonly ReadOnlySpan<byte> Samples => SamplesRange.Of(Datagram);

    /// <summary>
    /// The address and port under which the sender sees us (<c>ip</c>, BEP 42); false when absent or ill-formed.
    /// </summary>
    public readonly bool TryGetObservedEndpoint(out Endpoint endpoint) =>
        Endpoint.TryReadCompact(ObservedRange.Of(Datagram), out endpoint);

    /// <summary>Parses a datagram in one pass.</summary>
    /// <param name="datagram">Stays the caller's; the view borrows it.</param>
    /// <param name="message">The view. On a fatal fault only some of its fields are filled; use none.</param>
    /// <returns>
    /// <see cref="KrpcFault.None"/> when the envelope is sound; see <see cref="BodyFault"/> for the body.
    /// </returns>
    public static KrpcFault Parse(ReadOnlySpan<byte> datagram, out KrpcMessage message) =>
        KrpcParser.Parse(datagram, out message);
}
