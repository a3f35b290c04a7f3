using Dht.Engine.Addressing;
using Dht.Engine.Bencode;
using Dht.Engine.Identity;

namespace Dht.Engine.Krpc;

/// <summary>
/// Writes queries into the caller's span, keys sorted. Every method returns the length of the datagram, or 0 when it
/// does not fit.
/// </summary>
public static class KrpcQueries
{
    /// <summary>Enough room for any query written here with a token of up to 255 bytes.</summary>
    public const int SizeMax = 768;

    /// <summary>BEP 5 <c>ping</c>.</summary>
    public static int WritePing(Span<byte> destination, in KrpcEnvelope envelope)
    {
        var writer = new BencodeWriter(destination);
        Begin(ref writer, envelope);
        return End(ref writer, "e1:q4:ping"u8, envelope);
    }

    /// <summary>BEP 5 <c>find_node</c>.</summary>
    public static int WriteFindNode(
        Span<byte> destination, in KrpcEnvelope envelope, in NodeId target, IpFamily want = IpFamily.None)
    {
        var writer = new BencodeWriter(destination);
        Begin(ref writer, envelope);
        WriteTarget(ref writer, target);
        WriteWant(ref writer, want);
        return End(ref writer, "e1:q9:find_node"u8, envelope);
    }

    /// <summary>BEP 5 <c>get_peers</c>.</summary>
    public static int WriteGetPeers(
        Span<byte> destination, in KrpcEnvelope envelope, in InfoHash infoHash, IpFamily want = IpFamily.None)
    {
        var writer = new BencodeWriter(destination);
        Begin(ref writer, envelope);
        WriteInfoHash(ref writer, infoHash);
        WriteWant(ref writer, want);
        return End(ref writer, "e1:q9:get_peers"u8, envelope);
    }

    /// <summary>BEP 5 <c>announce_peer</c>.</summary>
    /// <param name="port">Where the peer listens.</param>
    /// <param name="impliedPort">Ask the other side to take the source port of the datagram instead.</param>
    /// <param name="token">As the other side gave it in its reply to get_peers.</param>
    public static int WriteAnnouncePeer(
        Span<byte> destination,
        in KrpcEnvelope envelope,
        in InfoHash infoHash,
        ushort port,
        bool impliedPort,
        ReadOnlySpan<byte> token)
    {
        var writer = new BencodeWriter(destination);
        Begin(ref writer, envelope);
        if (impliedPort)
        {
            writer.WriteRaw("12:implied_porti1e"u8);
        }

        WriteInfoHash(ref writer, infoHash);
        writer.WriteRaw("4:port"u8);
        writer.WriteInteger(port);
        writer.WriteRaw("5:token"u8);
        writer.WriteString(token);
        return End(ref writer, "e1:q13:announce_peer"u8, envelope);
    }

    /// <summary>BEP 51 <c>sample_infohashes</c>.</summary>
    public static int WriteSampleInfoHashes(
        Span<byte> destination, in KrpcEnvelope envelope, in NodeId target, IpFamily want = IpFamily.None)
    {
        var writer = new BencodeWriter(destination);
        Begin(ref writer, envelope);
        WriteTarget(ref writer, target);
        WriteWant(ref writer, want);
        return End(ref writer, "e1:q17:sample_infohashes"u8, envelope);
    }

    /// <summary>A query of another method, with arguments of a type of its own.</summary>
    /// <param name="method">The name that goes into <c>q</c>.</param>
    /// <param name="arguments">Write the entries of <c>a</c>.</param>
    public static int WriteCustom<TArguments>(
        Span<byte> destination, in KrpcEnvelope envelope, ReadOnlySpan<byte> method, in TArguments arguments)
        where TArguments : IKrpcBody<TArguments>, allows ref struct
    {
        var writer = new BencodeWriter(destination);
        writer.WriteRaw("d1:a"u8);
        var body = new KrpcBodyWriter(writer, envelope.Id);
        arguments.Write(ref body);
        writer = body.Close();
        writer.WriteRaw("1:q"u8);
        writer.WriteString(method);
        return EndTail(ref writer, envelope);
    }

    private static void Begin(ref BencodeWriter writer, in KrpcEnvelope envelope)
    {
        writer.WriteRaw("d1:ad2:id"u8);
        KrpcId.Write(ref writer, envelope.Id);
    }

    private static void WriteTarget(ref BencodeWriter writer, in NodeId target)
    {
        writer.WriteRaw("6:target"u8);
        KrpcId.Write(ref writer, target);
    }

    private static void WriteInfoHash(ref BencodeWriter writer, in InfoHash infoHash)
    {
        writer.WriteRaw("9:info_hash"u8);
        KrpcId.Write(ref writer, infoHash.AsNodeId);
    }

    private static void WriteWant(ref BencodeWriter writer, IpFamily want)
    {
        switch (want)
        {
            case IpFamily.IPv4:
                writer.WriteRaw("4:wantl2:n4e"u8);
                break;
            case IpFamily.IPv6:
                writer.WriteRaw("4:wantl2:n6e"u8);
                break;
            case IpFamily.Both:
                writer.WriteRaw("4:wantl2:n42:n6e"u8);
                break;
        }
    }

    private static int End(ref BencodeWriter writer, ReadOnlySpan<byte> method, in KrpcEnvelope envelope)
    {
        writer.WriteRaw(method);
        return EndTail(ref writer, envelope);
    }

    private static int EndTail(ref BencodeWriter writer, in KrpcEnvelope envelope)
    {
        if (envelope.ReadOnly)
        {
            writer.WriteRaw("2:roi1e"u8);
        }

        return KrpcTail.Write(ref writer, "1:y1:qe"u8, envelope);
    }
}
