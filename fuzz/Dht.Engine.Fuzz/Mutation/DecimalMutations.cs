using System.Buffers.Text;
using Dht.Engine.Randomness;

namespace Dht.Engine.Fuzz.Mutation;

/// <summary>Changes to numbers that are written in digits.</summary>
internal sealed class DecimalMutations(InputBuffer input, SeededRandomSource random)
{
    private static readonly byte[][] Numbers =
    [
        "0"u8.ToArray(), "1"u8.ToArray(), "00"u8.ToArray(), "01"u8.ToArray(), "-0"u8.ToArray(), "-1"u8.ToArray(),
        "9"u8.ToArray(),
        "10"u8.ToArray(), "19"u8.ToArray(), "20"u8.ToArray(), "21"u8.ToArray(), "26"u8.ToArray(), "38"u8.ToArray(),
        "99"u8.ToArray(),
        "100"u8.ToArray(), "255"u8.ToArray(), "256"u8.ToArray(), "999"u8.ToArray(), "1000"u8.ToArray(),
        "1024"u8.ToArray(),
        "65535"u8.ToArray(), "65536"u8.ToArray(), "2147483647"u8.ToArray(), "2147483648"u8.ToArray(),
        "4294967295"u8.ToArray(),
        "4294967296"u8.ToArray(), "9223372036854775807"u8.ToArray(), "9223372036854775808"u8.ToArray(),
        "-9223372036854775808"u8.ToArray(), "-9223372036854775809"u8.ToArray(), "18446744073709551615"u8.ToArray(),
        "18446744073709551616"u8.ToArray(), "99999999999999999999999999"u8.ToArray(),
    ];

    private readonly byte[] _digits = new byte[32];

    /// <summary>
    /// Puts a number that is known to hurt in the place of one that is there, or one beside the old value.
    /// </summary>
    public void Apply()
    {
        ReadOnlySpan<byte> bytes = input.Bytes;
        int start = random.Next(bytes.Length + 1);
        while (start < bytes.Length && !char.IsAsciiDigit((char)bytes[start]))
        {
            start++;
        }

        int length = 0;
        while (start + length < bytes.Length && length < 18 && char.IsAsciiDigit((char)bytes[start + length]))
        {
            length++;
        }

        if (random.Next(2) == 0
            && Utf8Parser.TryParse(bytes.Slice(start, length), out long old, out int used)
            && used == length)
        {
            Utf8Formatter.TryFormat(old + random.Next(5) - 2, _digits, out int written);
            input.Replace(start, length, _digits.AsSpan(0, written));
            return;
        }

        input.Replace(start, length, Numbers[random.Next(Numbers.Length)]);
    }
}
