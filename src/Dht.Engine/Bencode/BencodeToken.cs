namespace Dht.Engine.Bencode;

/// <summary>What <see cref="BencodeReader"/> is on.</summary>
public enum BencodeToken : byte
{
    /// <summary>Nothing: before the first token, after the last, or after an error.</summary>
    None,

    /// <summary>An integer, in <see cref="BencodeReader.Integer"/>.</summary>
    Integer,

    /// <summary>A byte string that is a value, in <see cref="BencodeReader.Value"/>.</summary>
    String,

    /// <summary>
    /// A byte string that is the key of a dictionary, in <see cref="BencodeReader.Value"/>. Its value comes next.
    /// </summary>
    Key,

    /// <summary>The start of a list.</summary>
    ListStart,

    /// <summary>The end of a list.</summary>
    ListEnd,

    /// <summary>The start of a dictionary.</summary>
    DictionaryStart,

    /// <summary>The end of a dictionary.</summary>
    DictionaryEnd,
}
