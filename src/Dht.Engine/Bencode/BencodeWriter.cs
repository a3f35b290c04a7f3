using System.Buffers.Text;

namespace Dht.Engine.Bencode;

/// <summary>
/// Writes bencode into the caller's span. Overflow is sticky: once something did not fit, nothing more is written and
/// <see cref="HasOverflowed"/> stays set, so that a message is written straight through and checked once at its end.
/// </summary>
/// <remarks>
/// The writer does not sort: dictionary keys must be written in raw byte order by the caller (BEP 3). It does not
/// count open containers either. Borrow it on the stack of one thread; the span stays the caller's.
/// </remarks>
public ref struct BencodeWriter
{
    private Span<byte> _destination;
    private int _position;

    /// <summary>Starts at the beginning of <paramref name="destination"/>.</summary>
    public BencodeWriter(Span<byte> destination) => _destination = destination;

    /// <summary>Bytes written so far; after an overflow, those that did fit.</summary>
    public readonly int Length => _position;

    /// <summary>True once something did not fit.</summary>
    public bool HasOverflowed { get; private set; }

    /// <summary>What has been written so far, as a part of the destination.</summary>
    public readonly ReadOnlySpan<byte> Written => _destination[.._position];

    /// <summary>Opens a dictionary; close it with <see cref="End"/>.</summary>
    public void BeginDictionary() => WriteByte((byte)'d');

    /// <summary>Opens a list; close it with <see cref="End"/>.</summary>
    public void BeginList() => WriteByte((byte)'l');

    /// <summary>Closes the innermost list or dictionary.</summary>
    public void End() => WriteByte((byte)'e');

    /// <summary>Writes <c>i</c>, the decimal digits, <c>e</c>.</summary>
    public void WriteInteger(long value)
    {
        // "i-9223372036854775808e" is the longest: 22 bytes.
        Span<byte> token = stackalloc byte[22];
        token[0] = (byte)'i';
        Utf8Formatter.TryFormat(value, token[1..], out int digits);
        token[digits + 1] = (byte)'e';
        WriteRaw(token[..(digits + 2)]);
    }

    /// <summary>Writes a byte string: its length, a colon, its bytes.</summary>
    public void WriteString(scoped ReadOnlySpan<byte> value)
    {
        Span<byte> content = ReserveString(value.Length);
        if (!HasOverflowed)
        {
            value.CopyTo(content);
        }
    }

    /// <summary>
    /// Writes the head of a byte string of <paramref name="length"/> bytes and returns the place of its content, to
    /// be filled by the caller. Empty after an overflow.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    public Span<byte> ReserveString(int length)
    {
        Span<byte> at = _destination[_position..];
        int head;
        if ((uint)length < 10 && at.Length > length + 1)
        {
            at[0] = (byte)('0' + length);
            at[1] = (byte)':';
            head = 2;
        }
        else if ((uint)(length - 10) < 90 && at.Length > length + 2)
        {
            int tens = length / 10;
            at[0] = (byte)('0' + tens);
            at[1] = (byte)('0' + length - (tens * 10));
            at[2] = (byte)':';
            head = 3;
        }
        else if ((uint)(length - 100) < 900 && at.Length > length + 3)
        {
            // What eight contacts take, or sixteen.
            int hundreds = length / 100;
            int rest = length - (hundreds * 100);
            int tens = rest / 10;
            at[0] = (byte)('0' + hundreds);
            at[1] = (byte)('0' + tens);
            at[2] = (byte)('0' + rest - (tens * 10));
            at[3] = (byte)':';
            head = 4;
        }
        else
        {
            return ReserveLongString(at, length);
        }

        _position += head + length;
        return at.Slice(head, length);
    }

    /// <summary>Copies bytes that are bencode already (a pre-encoded key, a whole value).</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> encoded)
    {
        if (!encoded.TryCopyTo(_destination[_position..]))
        {
            Overflow();
            return;
        }

        _position += encoded.Length;
    }

    private void WriteByte(byte value)
    {
        int position = _position;
        if ((uint)position >= (uint)_destination.Length)
        {
            Overflow();
            return;
        }

        _destination[position] = value;
        _position = position + 1;
    }

    private Span<byte> ReserveLongString(Span<byte> at, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        int head = 1 + BencodeFormat.CountCharacters(length);
        if (at.Length < head || at.Length - head < length)
        {
            Overflow();
            return default;
        }

        Utf8Formatter.TryFormat(length, at, out _);
        at[head - 1] = (byte)':';
        _position += head + length;
        return at.Slice(head, length);
    }

    private void Overflow()
    {
        HasOverflowed = true;

        // No room is left from here on, so that no write needs to ask whether an earlier one failed.
        _destination = _destination[.._position];
    }
}
