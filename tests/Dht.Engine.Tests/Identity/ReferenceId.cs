using System.Numerics;

namespace Dht.Engine.Tests.Identity;

/// <summary>Ids done the slow and obvious way, to check the quick one against.</summary>
internal static class ReferenceId
{
    public static BigInteger Number(ReadOnlySpan<byte> id) => new(id, isUnsigned: true, isBigEndian: true);

    public static BigInteger Distance(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        Number(left) ^ Number(right);

    public static int BitLength(BigInteger number)
    {
        int bits = 0;
        for (; number > 0; number >>= 1)
        {
            bits++;
        }

        return bits;
    }

    public static int CommonPrefixLength(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int bit = 0;
        while (bit < 160 && Bit(left, bit) == Bit(right, bit))
        {
            bit++;
        }

        return bit;
    }

    public static bool Bit(ReadOnlySpan<byte> id, int index) => (id[index / 8] >> (7 - (index % 8)) & 1) == 1;

    /// <summary>An id that shares exactly <paramref name="prefix"/> bits with another; 160 is a copy.</summary>
    public static byte[] Sharing(ReadOnlySpan<byte> id, int prefix, Random random)
    {
        byte[] made = new byte[20];
        random.NextBytes(made);
        for (int bit = 0; bit < 160; bit++)
        {
            bool value = bit < prefix ? Bit(id, bit) : bit == prefix ? !Bit(id, bit) : Bit(made, bit);
            byte mask = (byte)(0x80 >> (bit % 8));
            made[bit / 8] = (byte)(value ? made[bit / 8] | mask : made[bit / 8] & ~mask);
        }

        return made;
    }
}
