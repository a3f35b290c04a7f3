namespace Dht.Engine.Bencode;

/// <summary>
/// Why a byte sequence is not the bencode that was asked for. Wire data never throws; it yields one of these.
/// </summary>
public enum BencodeError : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The data ends inside a value: empty input, <c>d</c>, <c>i12</c>, <c>5:abc</c>.</summary>
    UnexpectedEnd,

    /// <summary>A byte appears where no value, key or end can start: <c>x</c>, <c>1x:a</c>.</summary>
    UnexpectedByte,

    /// <summary>A dictionary key is not a string: <c>di1ei2ee</c>.</summary>
    KeyNotString,

    /// <summary>A dictionary ends after a key: <c>d1:ae</c>.</summary>
    MissingValue,

    /// <summary>
    /// An integer without digits, with a leading zero, or minus zero: <c>ie</c>, <c>i007e</c>, <c>i-0e</c>.
    /// </summary>
    InvalidInteger,

    /// <summary>An integer beyond 64 bits.</summary>
    IntegerOverflow,

    /// <summary>A string length with a leading zero (<c>03:abc</c>) or one that no buffer can hold.</summary>
    InvalidLength,

    /// <summary>Lists and dictionaries nest deeper than <see cref="BencodeReader.MaxDepth"/>.</summary>
    TooDeep,

    /// <summary>Strict mode: a key sorts before its predecessor (raw byte order).</summary>
    UnsortedKey,

    /// <summary>Strict mode: a key appears twice in one dictionary.</summary>
    DuplicateKey,

    /// <summary>Bytes follow the one value that was expected.</summary>
    TrailingBytes,
}
