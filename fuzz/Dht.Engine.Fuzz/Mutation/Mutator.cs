using Dht.Engine.Randomness;

namespace Dht.Engine.Fuzz.Mutation;

/// <summary>Makes new inputs out of old ones. All follows from the seed of its random source.</summary>
internal sealed class Mutator
{
    private const int ChangesMax = 8;

    private readonly SeededRandomSource _random;
    private readonly IReadOnlyList<byte[]> _words;
    private readonly InputShape _shape;
    private readonly InputBuffer _input;
    private readonly ByteMutations _bytes;
    private readonly DecimalMutations _decimals;
    private readonly BencodeMutations _bencode;
    private readonly CommandMutations _commands;

    /// <summary>A mutator for a target.</summary>
    /// <param name="target">Gives the shape and the longest input.</param>
    /// <param name="words">What to put in now and then.</param>
    /// <param name="random">Decides everything.</param>
    public Mutator(IFuzzTarget target, IReadOnlyList<byte[]> words, SeededRandomSource random)
    {
        _random = random;
        _words = words;
        _shape = target.Shape;
        _input = new InputBuffer(Math.Min(target.LengthMax, GuardedInput.LengthMax));
        _bytes = new ByteMutations(_input, random);
        _decimals = new DecimalMutations(_input, random);
        _bencode = new BencodeMutations(_input, random);
        _commands = new CommandMutations(_input, random);
    }

    /// <summary>A changed input; overwritten by the next.</summary>
    /// <param name="parent">What to change.</param>
    /// <param name="other">Another one, parts of which may be taken over.</param>
    public ReadOnlySpan<byte> Mutate(ReadOnlySpan<byte> parent, ReadOnlySpan<byte> other)
    {
        _input.Load(parent);

        // Few changes reach far into the grammar, many reach its edges.
        for (int left = 1 + _random.Next(1 + _random.Next(ChangesMax)); left > 0; left--)
        {
            ChangeOnce(other);
        }

        return _input.Bytes;
    }

    private void ChangeOnce(ReadOnlySpan<byte> other)
    {
        if (_shape == InputShape.Commands)
        {
            _commands.Apply(other, _words);
            return;
        }

        switch (_random.Next(_shape == InputShape.Bencode ? 10 : 7))
        {
            case 0 or 1 or 2:
                _bytes.Apply();
                break;
            case 3 or 4 when _words.Count > 0:
                int removed = _random.Next(2) * Math.Min(_input.Length, 3);
                _input.Replace(_random.Next(_input.Length + 1), removed, _words[_random.Next(_words.Count)]);
                break;
            case 5:
                Cross(other);
                break;
            case 6:
                _decimals.Apply();
                break;
            case 7 or 8 or 9:
                _bencode.Apply(other);
                break;
        }
    }

    /// <summary>Goes on with the tail of another input, takes a piece of it, or ends here.</summary>
    private void Cross(ReadOnlySpan<byte> other)
    {
        int at = _random.Next(_input.Length + 1);
        int from = _random.Next(other.Length + 1);
        switch (_random.Next(3))
        {
            case 0:
                _input.Replace(at, _input.Length - at, other[from..]);
                break;
            case 1:
                int length = _random.Next(1 + Math.Min(32, other.Length - from));
                _input.Replace(at, _random.Next(2) * length, other.Slice(from, length));
                break;
            default:
                _input.Truncate(at);
                break;
        }
    }
}
