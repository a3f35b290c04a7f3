namespace Dht.Engine.Bench;

/// <summary>CRC-32C a byte at a time, by a table of 256 remainders of the reflected polynomial.</summary>
internal static class TableCrc32C
{
    private const uint Polynomial = 0x82F63B78;

    private static readonly uint[] Remainders = MakeRemainders();

    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc = Remainders[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeRemainders()
    {
        uint[] remainders = new uint[256];
        for (uint i = 0; i < remainders.Length; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * Polynomial);
            }

            remainders[i] = crc;
        }

        return remainders;
    }
}
