using System.Buffers.Binary;
using System.Numerics;

namespace Dht.Engine.Identity;

/// <summary>CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected), the sum of iSCSI and ext4; the processor has an instruction for it.</summary>
internal static class Crc32C
{
    /// <summary>The sum of some bytes: of "123456789" it is 0xE3069283.</summary>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        uint sum = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        foreach (byte value in data)
        {
            sum = BitOperations.Crc32C(sum, value);
        }

        return ~sum;
    }
}
