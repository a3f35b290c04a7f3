using System.Buffers.Binary;
using System.Numerics;

namespace Dht.Engine.Identity;

/// <summary>CRC-32C (Castagnoli), the hash of BEP 42. By instructions of the processor where it has them.</summary>
internal static class Crc32C
{
    /// <summary>
    /// The checksum with the usual conditioning: the register starts with all ones and is inverted at the end.
    /// </summary>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        if (bytes.Length >= sizeof(uint))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
            bytes = bytes[sizeof(uint)..];
        }

        foreach (byte value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
