using System.Buffers.Binary;

namespace Dht.Engine.Randomness;

/// <summary>
/// Where chance comes from. Secrets and transaction ids are drawn from it, so a source that faces the internet must be
/// cryptographic; a simulation uses <see cref="SeededRandomSource"/>. Used by one thread at a time.
/// </summary>
public interface IRandomSource
{
    /// <summary>Fills the whole span with random bytes.</summary>
    void Fill(Span<byte> destination);

    /// <summary>32 random bits.</summary>
    uint NextUInt32()
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>64 random bits.</summary>
    ulong NextUInt64()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
