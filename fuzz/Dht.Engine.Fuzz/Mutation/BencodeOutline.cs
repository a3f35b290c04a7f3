namespace Dht.Engine.Fuzz.Mutation;

/// <summary>
/// Finds the elements of an input that is bencode, or was before it was broken: what is no element is passed over
/// byte by byte, and what is not closed ends with the input.
/// </summary>
internal sealed class BencodeOutline
{
    private const int ElementsMax = 256;
    private const int DepthMax = 128;

    private readonly BencodeElement[] _elements = new BencodeElement[ElementsMax];
    private readonly int[] _open = new int[DepthMax];
    private int _depth;

    /// <summary>How many were found.</summary>
    public int Count { get; private set; }

    /// <summary>One of them, in the order of their first bytes.</summary>
    public BencodeElement this[int index] => _elements[index];

    /// <summary>Finds the elements of an input; there may be none.</summary>
    public void Read(ReadOnlySpan<byte> input)
    {
        Count = 0;
        _depth = 0;
        int at = 0;
        while (at < input.Length && Count < ElementsMax)
        {
            at = ReadOne(input, at);
        }

        while (_depth > 0)
        {
            Close(input.Length);
        }
    }

    private int ReadOne(ReadOnlySpan<byte> input, int at)
    {
        switch (input[at])
        {
            case (byte)'d' or (byte)'l':
                if (_depth < DepthMax)
                {
                    _open[_depth++] = Count;
                    _elements[Count++] = new BencodeElement(at, at, at + 1);
                }

                return at + 1;
            case (byte)'e':
                if (_depth > 0)
                {
                    Close(at + 1);
                }

                return at + 1;
            case (byte)'i':
                int end = input[at..].IndexOf((byte)'e');
                if (end < 0)
                {
                    return at + 1;
                }

                _elements[Count++] = new BencodeElement(at, at, at + end + 1);
                return at + end + 1;
            default:
                return ReadString(input, at);
        }
    }

    private int ReadString(ReadOnlySpan<byte> input, int start)
    {
        int at = start;
        int length = 0;
        while (at < input.Length && at - start < 5 && char.IsAsciiDigit((char)input[at]))
        {
            length = (length * 10) + input[at++] - '0';
        }

        if (at == start || at == input.Length || input[at] != ':')
        {
            return start + 1;
        }

        int end = Math.Min(at + 1 + length, input.Length);
        _elements[Count++] = new BencodeElement(start, at + 1, end);
        return end;
    }

    private void Close(int end)
    {
        ref BencodeElement element = ref _elements[_open[--_depth]];
        element = element with { End = end };
    }
}
