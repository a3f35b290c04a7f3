namespace Dht.Engine.Bencode;

/// <summary>A key of a <see cref="BencodeValue"/> dictionary and its value.</summary>
/// <param name="Key">The raw bytes of the key. They belong to the document and never change.</param>
/// <param name="Value">The value under the key.</param>
public readonly record struct BencodeEntry(ReadOnlyMemory<byte> Key, BencodeValue Value)
{
    /// <summary>Whether key and value are the same, byte for byte.</summary>
    public bool Equals(BencodeEntry other) => Key.Span.SequenceEqual(other.Key.Span) && Equals(Value, other.Value);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Key.Span);
        hash.Add(Value);
        return hash.ToHashCode();
    }
}
