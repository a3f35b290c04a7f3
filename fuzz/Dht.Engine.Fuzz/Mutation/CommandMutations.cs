using Dht.Engine.Randomness;

namespace Dht.Engine.Fuzz.Mutation;

/// <summary>Changes to programs: whole commands come, go and move, and one of their bytes changes.</summary>
internal sealed class CommandMutations(InputBuffer input, SeededRandomSource random)
{
    private const int Size = Programs.Command.Size;

    /// <summary>Makes one change.</summary>
    /// <param name="other">Another program, whose commands may be taken over.</param>
    /// <param name="words">Commands worth to be put in.</param>
    public void Apply(ReadOnlySpan<byte> other, IReadOnlyList<byte[]> words)
    {
        int count = input.Length / Size;
        int at = Size * random.Next(count + 1);
        int length = count == 0 ? 0 : Size * (1 + random.Next(1 + random.Next(count - Math.Min(at / Size, count - 1))));
        switch (count == 0 ? 6 : random.Next(10))
        {
            case 0 or 1 or 2:
                input.Bytes[random.Next(input.Length)] = (byte)random.Next(256);
                break;
            case 3:
                input.Bytes[random.Next(input.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 4:
                input.Replace(at, length, default);
                break;
            case 5:
                Repeat(at, length, count);
                break;
            case 6 or 7 when words.Count > 0:
                input.Replace(at, random.Next(2) * Size, words[random.Next(words.Count)]);
                break;
            case 8:
                Span<byte> command = stackalloc byte[Size];
                random.Fill(command);
                input.Replace(at, random.Next(2) * Size, command);
                break;
            default:
                TakeOver(at, other);
                break;
        }
    }

    private void Repeat(int at, int length, int count)
    {
        length = Math.Min(length, input.Length - at);
        for (int times = random.Next(4) == 0 ? 1 + random.Next(16) : 1; times > 0; times--)
        {
            input.Repeat(at, length, Size * random.Next(count + 1), over: false);
        }
    }

    private void TakeOver(int at, ReadOnlySpan<byte> other)
    {
        int count = other.Length / Size;
        if (count > 0)
        {
            int from = random.Next(count);
            int length = 1 + random.Next(count - from);
            input.Replace(at, random.Next(2) * length * Size, other.Slice(from * Size, length * Size));
        }
    }
}
