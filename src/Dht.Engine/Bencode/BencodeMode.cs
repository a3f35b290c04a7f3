namespace Dht.Engine.Bencode;

/// <summary>How much of the canonical form is demanded of bencode that is read.</summary>
/// <remarks>
/// The two modes differ in nothing but what is said here. Whatever could hurt (depth, lengths, truncation, integers
/// beyond 64 bits) or has two spellings of one scalar (leading zeros, minus zero) is refused in both.
/// </remarks>
public enum BencodeMode : byte
{
    /// <summary>Keys in any order and more than once; bytes after the value are counted, not refused.</summary>
    Lenient,

    /// <summary>Canonical bencode (BEP 3): keys in raw byte order, each once, and nothing after the value.</summary>
    Strict,
}
