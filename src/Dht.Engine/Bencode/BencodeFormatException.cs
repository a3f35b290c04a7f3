namespace Dht.Engine.Bencode;

/// <summary>Thrown by <see cref="BencodeValue.Parse"/> when the bytes are not the bencode that was asked for.</summary>
public sealed class BencodeFormatException : FormatException
{
    /// <summary>An exception that says what is wrong, and where.</summary>
    public BencodeFormatException(BencodeError error, int offset)
        : base($"Not valid bencode: {error} at byte {offset}.")
    {
        Error = error;
        Offset = offset;
    }

    /// <summary>What is wrong.</summary>
    public BencodeError Error { get; }

    /// <summary>Offset in bytes of the token at fault.</summary>
    public int Offset { get; }
}
