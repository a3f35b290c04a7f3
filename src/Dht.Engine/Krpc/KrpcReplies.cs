using Dht.Engine.Addressing;
using Dht.Engine.Bencode;

namespace Dht.Engine.Krpc;

/// <summary>
/// Writes responses and errors into the caller's span, keys sorted. Every method returns the length of the datagram,
/// or 0 when it does not fit.
/// </summary>
public static class KrpcReplies
{
    /// <summary>The answer to <c>ping</c> and <c>announce_peer</c>: our id alone.</summary>
    public static int WritePong(Span<byte> destination, in KrpcEnvelope envelope)
    {
        var writer = new BencodeWriter(destination);
        Begin(ref writer, envelope);
        return End(ref writer, envelope);
    }

    /// <summary>The answer to <c>find_node</c>.</summary>
    public static int WriteNodes(Span<byte> destination, in KrpcEnvelope envelope, in KrpcContacts contacts)
    {
        var writer = new BencodeWriter(destination);
        Begin(ref writer, envelope);
        WriteContacts(ref writer, contacts);
        return End(ref writer, envelope);
    }

    /// <summary>The answer to <c>get_peers</c>.</summary>
    /// <param name="token">To be shown with <c>announce_peer</c>.</param>
    /// <param name="peers">
    /// Compact peers one after another, each <paramref name="peerSize"/> bytes; an empty span leaves <c>values</c> out.
    /// </param>
    /// <param name="peerSize">6 or 18.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="peerSize"/> is neither.</exception>
    public static int WritePeers(
        Span<byte> destination,
        in KrpcEnvelope envelope,
        in KrpcContacts contacts,
        ReadOnlySpan<byte> token,
        ReadOnlySpan<byte> peers,
        int peerSize)
    {
        if (peerSize is not (Endpoint.CompactSizeIPv4 or Endpoint.CompactSizeIPv6))
        {
            throw new ArgumentOutOfRangeException(nameof(peerSize), peerSize, "A compact peer has 6 or 18 bytes.");
        }

        var writer = new BencodeWriter(destination);
        Begin(ref writer, envelope);
        WriteContacts(ref writer, contacts);
        writer.WriteRaw("5:token"u8);
        writer.WriteString(token);
        if (!peers.IsEmpty)
        {
            writer.WriteRaw("6:valuesl"u8);
            for (; peers.Length >= peerSize; peers = peers[peerSize..])
            {
                writer.WriteString(peers[..peerSize]);
            }

            writer.End();
        }

        return End(ref writer, envelope);
    }

    /// <summary>The answer to <c>sample_infohashes</c> (BEP 51).</summary>
    /// <param name="interval">Seconds until asking again makes sense.</param>
    /// <param name="num">How many infohashes we store in all.</param>
    /// <param name="samples">Some of them, 20 bytes each.</param>
    public static int WriteSamples(
        Span<byte> destination,
        in KrpcEnvelope envelope,
        in KrpcContacts contacts,
        int interval,
        long num,
        ReadOnlySpan<byte> samples)
    {
        var writer = new BencodeWriter(destination);
        Begin(ref writer, envelope);
        writer.WriteRaw("8:interval"u8);
        writer.WriteInteger(interval);
        WriteContacts(ref writer, contacts);
        writer.WriteRaw("3:num"u8);
        writer.WriteInteger(num);
        writer.WriteRaw("7:samples"u8);
        writer.WriteString(samples);
        return End(ref writer, envelope);
    }

    /// <summary>The answer to another method, with results of a type of its own.</summary>
    /// <param name="results">Write the entries of <c>r</c>.</param>
    public static int WriteCustom<TResults>(Span<byte> destination, in KrpcEnvelope envelope, in TResults results)
        where TResults : IKrpcBody<TResults>, allows ref struct
    {
        var writer = new BencodeWriter(destination);
        writer.BeginDictionary();
        WriteRequester(ref writer, envelope.Requester);
        writer.WriteRaw("1:r"u8);
        var body = new KrpcBodyWriter(writer, envelope.Id);
        results.Write(ref body);
        writer = body.Close();
        return KrpcTail.Write(ref writer, "1:y1:re"u8, envelope);
    }

    /// <summary>An error message: <c>e</c> = [code, text].</summary>
    public static int WriteError(Span<byte> destination, in KrpcEnvelope envelope, int code, ReadOnlySpan<byte> text)
    {
        var writer = new BencodeWriter(destination);
        writer.WriteRaw("d1:el"u8);
        writer.WriteInteger(code);
        writer.WriteString(text);
        writer.End();
        WriteRequester(ref writer, envelope.Requester);
        return KrpcTail.Write(ref writer, "1:y1:ee"u8, envelope);
    }

    private static void Begin(ref BencodeWriter writer, in KrpcEnvelope envelope)
    {
        writer.BeginDictionary();
        WriteRequester(ref writer, envelope.Requester);
        writer.WriteRaw("1:rd2:id"u8);
        KrpcId.Write(ref writer, envelope.Id);
    }

    private static int End(ref BencodeWriter writer, in KrpcEnvelope envelope)
    {
        writer.End();
        return KrpcTail.Write(ref writer, "1:y1:re"u8, envelope);
    }

    private static void WriteRequester(ref BencodeWriter writer, in Endpoint requester)
    {
        if (requester.Family == IpFamily.None)
        {
            return;
        }

        writer.WriteRaw("2:ip"u8);
        Span<byte> place = writer.ReserveString(requester.CompactSize);
        if (!place.IsEmpty)
        {
            requester.WriteCompact(place);
        }
    }

    private static void WriteContacts(ref BencodeWriter writer, in KrpcContacts contacts)
    {
        if ((contacts.Families & IpFamily.IPv4) != 0)
        {
            writer.WriteRaw("5:nodes"u8);
            writer.WriteString(contacts.Nodes);
        }

        if ((contacts.Families & IpFamily.IPv6) != 0)
        {
            writer.WriteRaw("6:nodes6"u8);
            writer.WriteString(contacts.Nodes6);
        }
    }
}
