namespace Dht.Engine.Tests.Krpc;

/// <summary>
/// A slow, strict reader of bencode, written apart from the engine's: is this one value, with sorted, distinct keys?
/// </summary>
internal static class CanonicalWalk
{
    public static bool IsCanonical(ReadOnlySpan<byte> bytes)
    {
        int position = 0;
        return Value(bytes, ref position) && position == bytes.Length;
    }

    private static bool Value(ReadOnlySpan<byte> bytes, ref int position)
    {
        if (position >= bytes.Length)
        {
            return false;
        }

        switch ((char)bytes[position])
        {
            case 'i':
                int end = bytes[position..].IndexOf((byte)'e');
                string digits = end < 0 ? "" : Wire.Text(bytes.Slice(position + 1, end - 1));
                position += end + 1;
                return long.TryParse(digits, out long value) && value.ToString() == digits;
            case 'l':
                position++;
                while (position < bytes.Length && bytes[position] != 'e')
                {
                    if (!Value(bytes, ref position))
                    {
                        return false;
                    }
                }

                return position++ < bytes.Length;
            case 'd':
                position++;
                return Dictionary(bytes, ref position);
            default:
                return String(bytes, ref position, out _);
        }
    }

    private static bool Dictionary(ReadOnlySpan<byte> bytes, scoped ref int position)
    {
        ReadOnlySpan<byte> last = default;
        for (bool first = true; position < bytes.Length && bytes[position] != 'e'; first = false)
        {
            if (!String(bytes, ref position, out ReadOnlySpan<byte> key) || (!first && last.SequenceCompareTo(key) >= 0)
                || !Value(bytes, ref position))
            {
                return false;
            }

            last = key;
        }

        return position++ < bytes.Length;
    }

    private static bool String(ReadOnlySpan<byte> bytes, scoped ref int position, out ReadOnlySpan<byte> content)
    {
        content = default;
        int colon = bytes[position..].IndexOf((byte)':');
        string digits = colon < 0 ? "" : Wire.Text(bytes.Slice(position, colon));
        if (!int.TryParse(digits, out int length) || length.ToString() != digits
            || length > bytes.Length - position - colon - 1)
        {
            return false;
        }

        content = bytes.Slice(position + colon + 1, length);
        position += colon + 1 + length;
        return true;
    }
}
