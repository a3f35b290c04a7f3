using System.Globalization;
using System.Text;
using Dht.Engine.Timing;

namespace Dht.Engine.Fuzz;

/// <summary>
/// Makes inputs out of the seeds and the dictionary of a target. It knows no coverage: all follows from the seed number, so that the
/// n-th input is always the same.
/// </summary>
internal sealed class Mutator
{
    private const int MutationsMax = 6;

    private static readonly string[] Numbers =
    [
        "0", "1", "00", "01", "-0", "-1", "9", "10", "19", "20", "21", "26", "99", "100", "255", "256", "999", "1000", "1024", "65535", "65536",
        "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "-9223372036854775809", "18446744073709551615", "18446744073709551616", "99999999999999999999999999",
    ];

    private static readonly byte[] Bytes = [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF, .. "0123456789:-dlie"u8];

    private readonly SeededRandomSource _random;
    private readonly IReadOnlyList<byte[]> _seeds;
    private readonly IReadOnlyList<byte[]> _dictionary;
    private readonly byte[] _numbers = new byte[32];
    private readonly byte[] _buffer;
    private int _length;

    public Mutator(IFuzzTarget target, ulong seed, int lengthMax)
    {
        _random = new SeededRandomSource(seed);
        _seeds = target.Seeds;
        _dictionary = target.Dictionary;
        _buffer = new byte[lengthMax];
    }

    /// <summary>The next input; overwritten by the one after it.</summary>
    public ReadOnlySpan<byte> Next()
    {
        ReadOnlySpan<byte> seed = _seeds[_random.Next(_seeds.Count)];
        _length = Math.Min(seed.Length, _buffer.Length);
        seed[.._length].CopyTo(_buffer);

        // Few changes reach far into the grammar, many reach its edges.
        for (int left = 1 + _random.Next(1 + _random.Next(MutationsMax)); left > 0; left--)
        {
            MutateOnce();
        }

        return _buffer.AsSpan(0, _length);
    }

    private void MutateOnce()
    {
        switch (_random.Next(10))
        {
            case 0 when _length > 0:
                _buffer[_random.Next(_length)] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when _length > 0:
                _buffer[_random.Next(_length)] = (byte)_random.Next(256);
                break;
            case 2 when _length > 0:
                _buffer[_random.Next(_length)] = Bytes[_random.Next(Bytes.Length)];
                break;
            case 3:
                Replace(_random.Next(_length + 1), 0, [Bytes[_random.Next(Bytes.Length)]]);
                break;
            case 4 when _length > 0:
                (int deleteAt, int deleted) = PickRange();
                Replace(deleteAt, deleted, default);
                break;
            case 5 when _length > 0:
                (int repeatAt, int repeated) = PickRange();
                Replace(_random.Next(_length + 1), 0, _buffer.AsSpan(repeatAt, repeated).ToArray());
                break;
            case 6 when _dictionary.Count > 0:
                Replace(_random.Next(_length + 1), _random.Next(2) * Math.Min(_length, 3), _dictionary[_random.Next(_dictionary.Count)]);
                break;
            case 7:
                Splice();
                break;
            case 8:
                ReplaceNumber();
                break;
            default:
                _length = _random.Next(4) == 0 ? _random.Next(_length + 1) : _length;
                break;
        }
    }

    /// <summary>A part of the input, short ones more often; never empty.</summary>
    private (int Start, int Length) PickRange()
    {
        int start = _random.Next(_length);
        return (start, 1 + _random.Next(1 + _random.Next(_length - start)));
    }

    /// <summary>Goes on with the tail of another seed.</summary>
    private void Splice()
    {
        ReadOnlySpan<byte> other = _seeds[_random.Next(_seeds.Count)];
        int at = _random.Next(_length + 1);
        Replace(at, _length - at, other[_random.Next(other.Length + 1)..]);
    }

    /// <summary>Puts a number that is known to hurt in the place of one that is there, or one beside the old value.</summary>
    private void ReplaceNumber()
    {
        int start = _random.Next(_length + 1);
        while (start < _length && !char.IsAsciiDigit((char)_buffer[start]))
        {
            start++;
        }

        int length = 0;
        while (start + length < _length && length < 18 && char.IsAsciiDigit((char)_buffer[start + length]))
        {
            length++;
        }

        string number = Numbers[_random.Next(Numbers.Length)];
        if (_random.Next(2) == 0 && long.TryParse(_buffer.AsSpan(start, length), CultureInfo.InvariantCulture, out long old))
        {
            number = (old + _random.Next(5) - 2).ToString(CultureInfo.InvariantCulture);
        }

        Replace(start, length, _numbers.AsSpan(0, Encoding.ASCII.GetBytes(number, _numbers)));
    }

    /// <summary>Puts bytes in the place of others; what grows beyond the largest input is cut.</summary>
    private void Replace(int at, int removed, ReadOnlySpan<byte> inserted)
    {
        removed = Math.Min(removed, _length - at);
        inserted = inserted[..Math.Min(inserted.Length, _buffer.Length - at)];
        int tail = Math.Min(_length - at - removed, _buffer.Length - at - inserted.Length);
        _buffer.AsSpan(at + removed, tail).CopyTo(_buffer.AsSpan(at + inserted.Length));
        inserted.CopyTo(_buffer.AsSpan(at));
        _length = at + inserted.Length + tail;
    }
}
