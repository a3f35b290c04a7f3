using System.Runtime.CompilerServices;

namespace Dht.Engine.Bencode;

/// <summary>
/// Reads one bencoded value token by token from a span: forward only, without recursion, without allocating, and
/// without throwing whatever the bytes are.
/// </summary>
/// <remarks>
/// <para>
/// Call <see cref="Read"/> until it returns <see langword="false"/>, then look at <see cref="Error"/>:
/// <see cref="BencodeError.None"/> says that the value was whole.
/// </para>
/// <para>
/// The reader borrows the span; <see cref="Value"/> points into it. It is a mutable struct of about 300 bytes: pass
/// it by <see langword="ref"/>. A copy is a bookmark that reads on independently.
/// </para>
/// </remarks>
public ref struct BencodeReader
{
    /// <summary>Lists and dictionaries may nest this deep.</summary>
    public const int MaxDepth = BencodeScanner.MaxDepth;

    private readonly ReadOnlySpan<byte> _data;
    private ulong _kinds; // Bit 0 is the innermost open container, 1 for a dictionary.
    private long _integer;

    // The length of the data while there is more to read; 0 after the last token and after an error.
    private int _readable;
    private int _position;
    private int _tokenStart;
    private int _valueStart;
    private int _valueLength;
    private byte _depth;
    private readonly bool _strict;
    private bool _keyNext;
    private bool _complete;
    private BencodeToken _token;
    private BencodeError _error;
    private KeyOffsets _previousKeys; // Strict mode only.

    /// <summary>Starts before the first token of <paramref name="data"/>.</summary>
    /// <param name="data">The bytes; borrowed for the life of the reader.</param>
    /// <param name="mode">Whether anything but the canonical form is accepted.</param>
    public BencodeReader(ReadOnlySpan<byte> data, BencodeMode mode)
    {
        // Every level clears its own slot when it opens.
        Unsafe.SkipInit(out _previousKeys);
        _data = data;
        _readable = data.Length;
        _strict = mode == BencodeMode.Strict;
    }

    /// <summary>What the reader is on.</summary>
    public readonly BencodeToken Token => _token;

    /// <summary>
    /// The content of a string or key, without its length; empty on any other token. It points into the data.
    /// </summary>
    public readonly ReadOnlySpan<byte> Value => _data.Slice(_valueStart, _valueLength);

    /// <summary>The value of an integer; 0 on any other token.</summary>
    public readonly long Integer => _token == BencodeToken.Integer ? _integer : 0;

    /// <summary>
    /// How many lists and dictionaries are open after the current token: a start counts itself, an end no longer does.
    /// </summary>
    public readonly int Depth => _depth;

    /// <summary>
    /// Offset in bytes of what follows the current token. After an error: of the token that is at fault, which is the
    /// length of the data if a token is missing there.
    /// </summary>
    public readonly int Position => _position;

    /// <summary>Offset in bytes of the first byte of the current token.</summary>
    public readonly int TokenStart => _tokenStart;

    /// <summary>
    /// Why reading stopped; <see cref="BencodeError.None"/> while nothing is wrong. It stays once set.
    /// </summary>
    public readonly BencodeError Error => _error;

    /// <summary>Whether the one value has been read to its end and nothing is wrong.</summary>
    public readonly bool IsComplete => _complete && _error == BencodeError.None;

    /// <summary>How many bytes come after the value, once it has been read to its end; 0 before.</summary>
    public readonly int TrailingLength => _complete ? _data.Length - _position : 0;

    /// <summary>Steps to the next token.</summary>
    /// <returns>
    /// <see langword="false"/> after the last token and on an error, which <see cref="Error"/> says. In strict mode
    /// the call after the last token reports <see cref="BencodeError.TrailingBytes"/> if any are there.
    /// </returns>
    public bool Read()
    {
        ReadOnlySpan<byte> data = _data;
        int position = _position;
        if ((uint)position >= (uint)_readable)
        {
            return ReadNothing();
        }

        byte first = data[position];
        _tokenStart = position;
        if ((uint)first - '0' <= 9)
        {
            BencodeError error = BencodeScanner.ScanString(data, ref position, out int start, out int length);
            if (error == BencodeError.None && _strict && _keyNext)
            {
                error = CheckKeyOrder(start, length);
            }

            if (error != BencodeError.None)
            {
                return Fail(error);
            }

            bool isKey = _keyNext;
            _token = isKey ? BencodeToken.Key : BencodeToken.String;
            _valueStart = start;
            _valueLength = length;
            _position = position;
            _keyNext = !isKey && (_kinds & 1) != 0;
            if (_depth == 0)
            {
                Complete();
            }

            return true;
        }

        _valueLength = 0;
        return first == (byte)'e' ? ReadEnd() : ReadIntegerOrStart(first);
    }

    /// <summary>
    /// Steps over the value that begins at the current token, or over the one that follows if the reader is on a
    /// key or before its first token. A list or dictionary leaves the reader on its end, anything else on itself;
    /// on an end, nothing happens.
    /// </summary>
    /// <returns>
    /// <see langword="false"/> on an error, which <see cref="Error"/> says, or after the last token.
    /// </returns>
    public bool Skip() => Skip(out _);

    /// <summary>The same as <see cref="Skip()"/>, and hands out the bytes of the value.</summary>
    /// <param name="encoded">
    /// The whole value as it appears in the data, such as an info dictionary to be hashed; empty on failure and on an
    /// end.
    /// </param>
    /// <returns>
    /// <see langword="false"/> on an error, which <see cref="Error"/> says, or after the last token.
    /// </returns>
    public bool Skip(out ReadOnlySpan<byte> encoded)
    {
        encoded = default;
        if (_token is BencodeToken.Key or BencodeToken.None && !Read())
        {
            return false;
        }

        if (_token is BencodeToken.ListEnd or BencodeToken.DictionaryEnd)
        {
            return true;
        }

        int start = _tokenStart;
        if (_token is BencodeToken.ListStart or BencodeToken.DictionaryStart && !SkipContainer())
        {
            return false;
        }

        encoded = _data[start.._position];
        return true;
    }

    private bool SkipContainer()
    {
        int outside = _depth - 1;
        int position = _tokenStart;
        if (!_strict && BencodeScanner.SkipValue(_data, ref position, outside) == BencodeError.None)
        {
            _position = position - 1;
            return Read();
        }

        // Key order is the reader's business, and so is the offset of an error: both want every token.
        while (_depth > outside)
        {
            if (!Read())
            {
                return false;
            }
        }

        return true;
    }

    private bool ReadIntegerOrStart(byte first)
    {
        bool isDictionary = first == (byte)'d';
        bool isStart = isDictionary || first == (byte)'l';
        if (_keyNext || (!isStart && first != (byte)'i'))
        {
            return Fail(isStart || first == (byte)'i' ? BencodeError.KeyNotString : BencodeError.UnexpectedByte);
        }

        if (!isStart)
        {
            BencodeError error = BencodeScanner.ScanInteger(_data, ref _position, out _integer);
            if (error != BencodeError.None)
            {
                return Fail(error);
            }

            _token = BencodeToken.Integer;
            _keyNext = (_kinds & 1) != 0;
            if (_depth == 0)
            {
                Complete();
            }

            return true;
        }

        if (_depth >= MaxDepth)
        {
            return Fail(BencodeError.TooDeep);
        }

        if (_strict)
        {
            _previousKeys[_depth] = 0;
        }

        _depth++;
        _kinds = (_kinds << 1) | (isDictionary ? 1u : 0u);
        _keyNext = isDictionary;
        _token = isDictionary ? BencodeToken.DictionaryStart : BencodeToken.ListStart;
        _position++;
        return true;
    }

    private bool ReadEnd()
    {
        bool inDictionary = (_kinds & 1) != 0;
        if (_depth == 0 || (inDictionary && !_keyNext))
        {
            return Fail(_depth == 0 ? BencodeError.UnexpectedByte : BencodeError.MissingValue);
        }

        _token = inDictionary ? BencodeToken.DictionaryEnd : BencodeToken.ListEnd;
        _position++;
        _depth--;
        _kinds >>= 1;
        _keyNext = (_kinds & 1) != 0;
        if (_depth == 0)
        {
            Complete();
        }

        return true;
    }

    private void Complete()
    {
        _complete = true;
        _readable = 0;
    }

    private bool ReadNothing()
    {
        if (_error != BencodeError.None)
        {
            return false;
        }

        if (!_complete)
        {
            return Fail(BencodeError.UnexpectedEnd);
        }

        return Fail(_strict && _position < _data.Length ? BencodeError.TrailingBytes : BencodeError.None);
    }

    private bool Fail(BencodeError error)
    {
        _error = error;
        _readable = 0;
        _token = BencodeToken.None;
        _tokenStart = _position;
        _valueLength = 0;
        return false;
    }

    /// <summary>
    /// Compares a key with the one before it in the same dictionary. Only the offset of that one is kept, for each
    /// level: its length is in the data.
    /// </summary>
    private BencodeError CheckKeyOrder(int start, int length)
    {
        ref int slot = ref _previousKeys[_depth - 1];
        int previous = slot;
        slot = _tokenStart;

        // No key has offset 0: the start of its dictionary lies before it.
        if (previous == 0)
        {
            return BencodeError.None;
        }

        BencodeScanner.ScanString(_data, ref previous, out int previousStart, out int previousLength);
        int order = previousLength > 0 && length > 0 ? _data[previousStart] - _data[start] : 0;
        if (order == 0)
        {
            order = _data.Slice(previousStart, previousLength).SequenceCompareTo(_data.Slice(start, length));
        }

        return order < 0 ? BencodeError.None : order == 0 ? BencodeError.DuplicateKey : BencodeError.UnsortedKey;
    }

    [InlineArray(MaxDepth)]
    private struct KeyOffsets
    {
        private int _first;
    }
}
