using System.Buffers.Text;
using Dht.Engine.Randomness;

namespace Dht.Engine.Fuzz.Mutation;

/// <summary>
/// Changes that keep bencode well-formed where they can: whole elements move, and a string keeps the right length.
/// </summary>
internal sealed class BencodeMutations(InputBuffer input, SeededRandomSource random)
{
    private const int NestingMax = 40;

    private static readonly byte[][] Small =
    [
        "0:"u8.ToArray(), "1:a"u8.ToArray(), "i0e"u8.ToArray(), "i-1e"u8.ToArray(), "i9223372036854775807e"u8.ToArray(),
        "i-9223372036854775808e"u8.ToArray(), "le"u8.ToArray(), "de"u8.ToArray(), "d1:a0:e"u8.ToArray(),
        "l0:i0ee"u8.ToArray(),
    ];

    private readonly BencodeOutline _outline = new();
    private readonly BencodeOutline _foreign = new();
    private readonly byte[] _scratch = new byte[GuardedInput.LengthMax];

    /// <summary>Makes one change; none if the input holds no element.</summary>
    /// <param name="other">Another input, whose elements may be taken over.</param>
    public void Apply(ReadOnlySpan<byte> other)
    {
        _outline.Read(input.Bytes);
        if (_outline.Count == 0)
        {
            return;
        }

        BencodeElement element = _outline[random.Next(_outline.Count)];
        switch (random.Next(8))
        {
            case 0:
                input.Replace(element.Start, element.End - element.Start, default);
                break;
            case 1:
                input.Repeat(element.Start, element.End - element.Start, element.End, over: false);
                break;
            case 2:
                input.Replace(element.Start, element.End - element.Start, Small[random.Next(Small.Length)]);
                break;
            case 3:
                TakeOver(element, other);
                break;
            case 4:
                Nest(element);
                break;
            case 5:
                Swap(element, _outline[random.Next(_outline.Count)]);
                break;
            default:
                RepairOrResize(element);
                break;
        }
    }

    private void TakeOver(BencodeElement element, ReadOnlySpan<byte> other)
    {
        _foreign.Read(other);
        if (_foreign.Count > 0)
        {
            BencodeElement taken = _foreign[random.Next(_foreign.Count)];
            int removed = random.Next(2) * (element.End - element.Start);
            input.Replace(element.Start, removed, other[taken.Start..taken.End]);
        }
    }

    /// <summary>Wraps an element in lists, or in dictionaries of one entry.</summary>
    private void Nest(BencodeElement element)
    {
        int levels = random.Next(4) == 0 ? 1 + random.Next(NestingMax) : 1;
        ReadOnlySpan<byte> opening = random.Next(2) == 0 ? "l"u8 : "d0:"u8;
        Span<byte> closing = _scratch.AsSpan(0, levels);
        closing.Fill((byte)'e');
        input.Replace(element.End, 0, closing);
        for (int i = 0; i < levels; i++)
        {
            input.Replace(element.Start, 0, opening);
        }
    }

    /// <summary>Lets two elements change places, unless one holds the other.</summary>
    private void Swap(BencodeElement first, BencodeElement second)
    {
        (first, second) = first.Start <= second.Start ? (first, second) : (second, first);
        if (first.End > second.Start)
        {
            return;
        }

        Span<byte> bytes = input.Bytes;
        int length = 0;
        length += Copy(bytes[second.Start..second.End], length);
        length += Copy(bytes[first.End..second.Start], length);
        length += Copy(bytes[first.Start..first.End], length);
        _scratch.AsSpan(0, length).CopyTo(bytes[first.Start..]);
    }

    private int Copy(ReadOnlySpan<byte> part, int at)
    {
        part.CopyTo(_scratch.AsSpan(at));
        return part.Length;
    }

    /// <summary>Gives a string another content, and the length that fits.</summary>
    private void RepairOrResize(BencodeElement element)
    {
        if (!element.IsString)
        {
            return;
        }

        int length = element.End - element.Content;
        int wanted = random.Next(4) switch
        {
            0 => length,
            1 => random.Next(64),
            2 => length + random.Next(7) - 3,
            _ => random.Next(2) * 20,
        };
        wanted = Math.Max(0, wanted);
        Span<byte> digits = stackalloc byte[8];
        Utf8Formatter.TryFormat(wanted, digits, out int written);
        digits[written++] = (byte)':';
        if (wanted > length)
        {
            Span<byte> more = _scratch.AsSpan(0, wanted - length);
            random.Fill(more);
            input.Replace(element.End, 0, more);
        }
        else
        {
            input.Replace(element.Content + wanted, length - wanted, default);
        }

        input.Replace(element.Start, element.Content - element.Start, digits[..written]);
    }
}
