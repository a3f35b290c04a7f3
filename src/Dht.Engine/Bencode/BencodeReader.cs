namespace Dht.Engine.Bencode;

/// <summary>Placeholder.</summary>
public ref struct BencodeReader
{
    /// <summary>Lists and dictionaries may nest this deep.</summary>
    public const int MaxDepth = BencodeScanner.MaxDepth;
}
