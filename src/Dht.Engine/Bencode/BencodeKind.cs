namespace Dht.Engine.Bencode;

/// <summary>The four kinds of bencoded values.</summary>
public enum BencodeKind : byte
{
    /// <summary>A signed integer of 64 bits.</summary>
    Integer,

    /// <summary>A byte string: text or binary, bencode makes no difference.</summary>
    String,

    /// <summary>A list of values.</summary>
    List,

    /// <summary>A dictionary from byte strings to values.</summary>
    Dictionary,
}
