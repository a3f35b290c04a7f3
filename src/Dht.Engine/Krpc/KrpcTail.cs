using Dht.Engine.Bencode;

namespace Dht.Engine.Krpc;

/// <summary>The end that all messages share: <c>t</c>, <c>v</c>, <c>y</c>.</summary>
internal static class KrpcTail
{
    /// <summary>Writes the tail and returns the length of the message, or 0 when it did not fit.</summary>
    public static int Write(ref BencodeWriter writer, ReadOnlySpan<byte> kind, in KrpcEnvelope envelope)
    {
        writer.WriteRaw("1:t"u8);
        writer.WriteString(envelope.TransactionId);
        if (!envelope.Version.IsEmpty)
        {
            writer.WriteRaw("1:v"u8);
            writer.WriteString(envelope.Version);
        }

        writer.WriteRaw(kind);
        return writer.HasOverflowed ? 0 : writer.Length;
    }
}
