using Dht.Engine.Bencode;

namespace Dht.Engine.Krpc;

/// <summary>
/// A body without a type of its own: any dictionary, read and built with <see cref="BencodeValue"/>. The shortest
/// path to a method of your own where allocation does not matter.
/// </summary>
public sealed class KrpcDocument : IKrpcBody<KrpcDocument>
{
    /// <summary>Wraps a dictionary. An entry <c>id</c> in it is passed over: the engine writes its own.</summary>
    /// <exception cref="ArgumentException">The value is no dictionary.</exception>
    public KrpcDocument(BencodeValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Value = value.Kind == BencodeKind.Dictionary
            ? value
            : throw new ArgumentException(
                $"The body of a message is a dictionary; this value is of kind {value.Kind}.", nameof(value));
    }

    /// <summary>The dictionary; of a message that was received, with the sender's <c>id</c> in it.</summary>
    public BencodeValue Value { get; }

    /// <inheritdoc/>
    public static bool TryRead(KrpcBodyReader body, out KrpcDocument value)
    {
        bool read = BencodeValue.TryParse(body.Encoded, BencodeMode.Lenient, out BencodeValue? parsed);
        value = read && parsed!.Kind == BencodeKind.Dictionary ? new KrpcDocument(parsed) : null!;
        return value != null;
    }

    /// <inheritdoc/>
    public void Write(ref KrpcBodyWriter body)
    {
        foreach (BencodeEntry entry in Value.Entries)
        {
            if (!entry.Key.Span.SequenceEqual("id"u8))
            {
                body.WriteValue(entry.Key.Span, entry.Value);
            }
        }
    }
}
