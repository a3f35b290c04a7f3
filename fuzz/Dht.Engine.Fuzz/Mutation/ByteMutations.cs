using System.Buffers.Binary;
using Dht.Engine.Randomness;

namespace Dht.Engine.Fuzz.Mutation;

/// <summary>Changes that need no structure.</summary>
internal sealed class ByteMutations(InputBuffer input, SeededRandomSource random)
{
    private const int NearMax = 16;

    private static readonly byte[] Bytes = [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF, .. "0123456789:-dlie"u8];

    private static readonly uint[] Numbers =
        [0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x3FF, 0x400, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000,
            0xFFFF_FFFF];

    /// <summary>Makes one change; an empty input grows.</summary>
    public void Apply()
    {
        if (input.Length == 0)
        {
            Insert();
            return;
        }

        switch (random.Next(10))
        {
            case 0:
                input.Bytes[random.Next(input.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                input.Bytes[random.Next(input.Length)] = (byte)random.Next(256);
                break;
            case 2:
                input.Bytes[random.Next(input.Length)] = Bytes[random.Next(Bytes.Length)];
                break;
            case 3:
                input.Bytes[random.Next(input.Length)] +=
                    (byte)(1 + random.Next(NearMax) - (random.Next(2) * (NearMax + 1)));
                break;
            case 4:
                Insert();
                break;
            case 5 or 6:
                (int deleteAt, int deleted) = PickRange();
                input.Replace(deleteAt, deleted, default);
                break;
            case 7:
                (int from, int length) = PickRange();
                bool over = random.Next(2) == 0;
                input.Repeat(from, length, random.Next(input.Length + 1), over);
                break;
            case 8:
                OverwriteNumber();
                break;
            default:
                (int fillAt, int filled) = PickRange();
                input.Bytes.Slice(fillAt, filled).Fill(Bytes[random.Next(Bytes.Length)]);
                break;
        }
    }

    /// <summary>A part of the input, short ones more often; never empty.</summary>
    public (int Start, int Length) PickRange()
    {
        int start = random.Next(input.Length);
        return (start, 1 + random.Next(1 + random.Next(input.Length - start)));
    }

    private void Insert()
    {
        byte value = random.Next(2) == 0 ? Bytes[random.Next(Bytes.Length)] : (byte)random.Next(256);
        input.Replace(random.Next(input.Length + 1), 0, [value]);
    }

    private void OverwriteNumber()
    {
        Span<byte> number = stackalloc byte[4];
        uint value = Numbers[random.Next(Numbers.Length)];
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(number, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(number, value);
        }

        // The two bytes that differ from zero lie at the end that the order says; either pair is of use.
        number = random.Next(2) == 0 ? number : number.Slice(random.Next(2) * 2, 2);
        int at = random.Next(input.Length);
        number[..Math.Min(number.Length, input.Length - at)].CopyTo(input.Bytes[at..]);
    }
}
