namespace Dht.Engine.Bencode;

/// <summary>How long the written forms are.</summary>
internal static class BencodeFormat
{
    /// <summary>Decimal digits of a number, its minus sign included: 1 to 20.</summary>
    public static int CountCharacters(long value)
    {
        int characters = value < 0 ? 2 : 1;
        while ((value /= 10) != 0)
        {
            characters++;
        }

        return characters;
    }

    /// <summary>Bytes that a byte string takes: its length in digits, the colon, its content.</summary>
    public static long CountStringBytes(int length) => CountCharacters(length) + 1L + length;
}
