using System.Buffers.Binary;

namespace Dht.Engine.Rpc;

/// <summary>The transaction ids that we send.</summary>
internal static class TransactionId
{
    /// <summary>Bytes of an id; some implementations accept no other length than 4 for what they echo.</summary>
    public const int Size = 4;

    /// <summary>Writes an id as it goes on the wire.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The destination is shorter than 4 bytes.</exception>
    public static void Write(Span<byte> destination, uint id) =>
        BinaryPrimitives.WriteUInt32LittleEndian(destination, id);

    /// <summary>Reads an id; false when it is not 4 bytes long, and so not one of ours.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out uint id)
    {
        id = 0;
        return bytes.Length == Size && BinaryPrimitives.TryReadUInt32LittleEndian(bytes, out id);
    }
}
