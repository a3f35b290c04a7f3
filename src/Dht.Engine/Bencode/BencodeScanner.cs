using System.Runtime.CompilerServices;

namespace Dht.Engine.Bencode;

/// <summary>
/// The grammar of bencode, one rule a method, over a span and a position. Both the token reader and the KRPC parser
/// build on it, so that the rules (BEP 3) are written once. Every method leaves <c>position</c> after what it read,
/// or untouched on failure.
/// </summary>
internal static class BencodeScanner
{
    /// <summary>Lists and dictionaries may nest this deep; one bit of a 64-bit stack each.</summary>
    public const int MaxDepth = 64;

    /// <summary>Reads the length and colon of a byte string and checks that the content is there.</summary>
    /// <remarks>
    /// Strings of fewer than 100 bytes are nearly all that the wire carries; their one or two digits are handled
    /// without a loop.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BencodeError ScanString(ReadOnlySpan<byte> data, ref int position, out int start, out int length)
    {
        int p = position;
        if ((uint)(p + 2) < (uint)data.Length)
        {
            uint first = (uint)data[p] - '0';
            if (first <= 9)
            {
                if (data[p + 1] == (byte)':')
                {
                    start = p + 2;
                    length = (int)first;
                    if (length <= data.Length - start)
                    {
                        position = start + length;
                        return BencodeError.None;
                    }

                    return BencodeError.UnexpectedEnd;
                }

                uint second = (uint)data[p + 1] - '0';
                if (second <= 9 && first != 0 && data[p + 2] == (byte)':')
                {
                    start = p + 3;
                    length = (int)((first * 10) + second);
                    if (length <= data.Length - start)
                    {
                        position = start + length;
                        return BencodeError.None;
                    }

                    return BencodeError.UnexpectedEnd;
                }
            }
        }

        // Locals of its own for the call that takes addresses: the caller's stay in registers.
        int slowPosition = position;
        BencodeError error = ScanStringSlow(data, ref slowPosition, out int slowStart, out int slowLength);
        position = slowPosition;
        start = slowStart;
        length = slowLength;
        return error;
    }

    /// <summary>Reads <c>i...e</c>.</summary>
    public static BencodeError ScanInteger(ReadOnlySpan<byte> data, ref int position, out long value)
    {
        value = 0;
        int p = position;
        if ((uint)p >= (uint)data.Length)
        {
            return BencodeError.UnexpectedEnd;
        }

        if (data[p] != (byte)'i')
        {
            return BencodeError.UnexpectedByte;
        }

        p++;
        bool negative = p < data.Length && data[p] == (byte)'-';
        p += negative ? 1 : 0;
        int firstDigit = p;
        ulong magnitude = 0;
        ulong limit = negative ? (ulong)long.MaxValue + 1 : long.MaxValue;
        for (; p < data.Length; p++)
        {
            uint digit = (uint)data[p] - '0';
            if (digit > 9)
            {
                break;
            }

            // 922337203685477580 * 10 + 9 still fits 64 unsigned bits; what exceeds the signed range is caught by the
            // limit.
            if (magnitude > (limit - digit) / 10)
            {
                return BencodeError.IntegerOverflow;
            }

            magnitude = (magnitude * 10) + digit;
        }

        if (p >= data.Length)
        {
            return BencodeError.UnexpectedEnd;
        }

        int digits = p - firstDigit;
        if (data[p] != (byte)'e' || digits == 0
            || (digits > 1 && data[firstDigit] == (byte)'0') || (negative && magnitude == 0))
        {
            return BencodeError.InvalidInteger;
        }

        value = negative ? (long)(0 - magnitude) : (long)magnitude;
        position = p + 1;
        return BencodeError.None;
    }

    /// <summary>
    /// Steps over one value of any kind, checking its structure but not the order of keys. No recursion: the kinds of
    /// the open containers lie in a 64-bit stack, bit 0 innermost, 1 for a dictionary.
    /// </summary>
    /// <param name="depth">How many containers are open around the value already.</param>
    /// <param name="anySize">Whether integers beyond 64 bits are stepped over: nobody asks for their value.</param>
    public static BencodeError SkipValue(
        ReadOnlySpan<byte> data, ref int position, int depth, bool anySize = false)
    {
        int p = position;
        ulong kinds = 0;
        int open = 0;
        bool keyNext = false;
        do
        {
            if ((uint)p >= (uint)data.Length)
            {
                return BencodeError.UnexpectedEnd;
            }

            byte b = data[p];
            BencodeError error = BencodeError.None;
            if ((uint)b - '0' <= 9)
            {
                error = ScanString(data, ref p, out _, out _);
                keyNext = !keyNext && (kinds & 1) != 0;
            }
            else if (b == (byte)'e' && open > 0)
            {
                if ((kinds & 1) != 0 && !keyNext)
                {
                    return BencodeError.MissingValue;
                }

                p++;
                open--;
                kinds >>= 1;
                keyNext = (kinds & 1) != 0;
            }
            else if (keyNext)
            {
                return b is (byte)'i' or (byte)'l' or (byte)'d'
                    ? BencodeError.KeyNotString
                    : BencodeError.UnexpectedByte;
            }
            else if (b == (byte)'i')
            {
                int behind = p;
                error = SkipInteger(data, ref behind, anySize);
                p = behind;
                keyNext = (kinds & 1) != 0;
            }
            else if (b is (byte)'d' or (byte)'l')
            {
                if (depth + open >= MaxDepth)
                {
                    return BencodeError.TooDeep;
                }

                p++;
                open++;
                kinds = (kinds << 1) | (b == (byte)'d' ? 1u : 0u);
                keyNext = b == (byte)'d';
            }
            else
            {
                return BencodeError.UnexpectedByte;
            }

            if (error != BencodeError.None)
            {
                return error;
            }
        }
        while (open > 0);

        position = p;
        return BencodeError.None;
    }

    private static BencodeError SkipInteger(ReadOnlySpan<byte> data, ref int position, bool anySize)
    {
        BencodeError error = ScanInteger(data, ref position, out _);
        if (error != BencodeError.IntegerOverflow || !anySize)
        {
            return error;
        }

        // What overflows has many digits, so there is one to look at.
        int p = position + 1;
        p += data[p] == (byte)'-' ? 1 : 0;
        if (data[p] == (byte)'0')
        {
            return BencodeError.InvalidInteger;
        }

        int digits = data[p..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits < 0)
        {
            return BencodeError.UnexpectedEnd;
        }

        if (data[p + digits] != (byte)'e')
        {
            return BencodeError.InvalidInteger;
        }

        position = p + digits + 1;
        return BencodeError.None;
    }

    private static BencodeError ScanStringSlow(ReadOnlySpan<byte> data, ref int position, out int start, out int length)
    {
        start = 0;
        length = 0;
        int p = position;
        long value = 0;
        for (; p < data.Length; p++)
        {
            uint digit = (uint)data[p] - '0';
            if (digit > 9)
            {
                break;
            }

            value = (value * 10) + digit;
            if (value > int.MaxValue)
            {
                return BencodeError.InvalidLength;
            }
        }

        if (p >= data.Length)
        {
            return BencodeError.UnexpectedEnd;
        }

        int digits = p - position;
        if (data[p] != (byte)':' || digits == 0)
        {
            return BencodeError.UnexpectedByte;
        }

        if (digits > 1 && data[position] == (byte)'0')
        {
            return BencodeError.InvalidLength;
        }

        if (value > data.Length - p - 1)
        {
            return BencodeError.UnexpectedEnd;
        }

        start = p + 1;
        length = (int)value;
        position = start + length;
        return BencodeError.None;
    }
}
