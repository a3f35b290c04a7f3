using System.Buffers.Binary;

namespace Dht.Engine.Rpc;

/// <summary>The transaction ids that we send.</summary>
internal static class TransactionId
{
    /// <summary>Bytes of an id: too many to guess an open one, and every known client echoes them.</summary>
    public const int Size = 8;

    /// <summary>Writes an id as it goes on the wire.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The destination is shorter than 8 bytes.</exception>
    public static void Write(Span<byte> destination, ulong id) =>
        BinaryPrimitives.WriteUInt64LittleEndian(destination, id);

    /// <summary>Reads an id; false when it is not 8 bytes long, and so not one of ours.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ulong id)
    {
        id = 0;
        return bytes.Length == Size && BinaryPrimitives.TryReadUInt64LittleEndian(bytes, out id);
    }
}
