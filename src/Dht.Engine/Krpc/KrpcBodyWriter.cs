using System.Text;
using Dht.Engine.Bencode;
using Dht.Engine.Identity;

namespace Dht.Engine.Krpc;

/// <summary>
/// Writes the entries of the dictionary <c>a</c> or <c>r</c> straight into a datagram, and puts <c>id</c> at its
/// place among them. What does not fit is left out, and the whole message then fails.
/// </summary>
/// <remarks>Lives on the stack of the sender, during one call of <see cref="IKrpcBody{TSelf}.Write"/>.</remarks>
public ref struct KrpcBodyWriter
{
    private readonly NodeId _id;
    private BencodeWriter _writer;
    private int _lastKeyStart;
    private int _lastKeyLength;
    private bool _hasId;

    /// <param name="writer">Is where the dictionary begins.</param>
    /// <param name="id">Who we are.</param>
    internal KrpcBodyWriter(BencodeWriter writer, in NodeId id)
    {
        _writer = writer;
        _writer.BeginDictionary();
        _id = id;
    }

    /// <summary>Writes an integer.</summary>
    /// <exception cref="ArgumentException">The key is <c>id</c>, or does not come after the one before it.</exception>
    public void WriteInteger(scoped ReadOnlySpan<byte> key, long value)
    {
        WriteKey(key);
        _writer.WriteInteger(value);
    }

    /// <summary>Writes a byte string.</summary>
    /// <exception cref="ArgumentException">As for <see cref="WriteInteger"/>.</exception>
    public void WriteString(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value)
    {
        WriteKey(key);
        _writer.WriteString(value);
    }

    /// <summary>Writes a text as a byte string in UTF-8.</summary>
    /// <exception cref="ArgumentException">As for <see cref="WriteInteger"/>.</exception>
    public void WriteText(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<char> value)
    {
        WriteKey(key);
        Span<byte> place = _writer.ReserveString(Encoding.UTF8.GetByteCount(value));
        if (!_writer.HasOverflowed)
        {
            Encoding.UTF8.GetBytes(value, place);
        }
    }

    /// <summary>Writes an id as 20 bytes.</summary>
    /// <exception cref="ArgumentException">As for <see cref="WriteInteger"/>.</exception>
    public void WriteId(scoped ReadOnlySpan<byte> key, in NodeId value)
    {
        WriteKey(key);
        KrpcId.Write(ref _writer, value);
    }

    /// <summary>Writes a value of any kind.</summary>
    /// <exception cref="ArgumentException">As for <see cref="WriteInteger"/>.</exception>
    public void WriteValue(scoped ReadOnlySpan<byte> key, BencodeValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        WriteKey(key);
        value.WriteTo(ref _writer);
    }

    /// <summary>Writes a value that is bencode already. The order of keys in it is not checked.</summary>
    /// <exception cref="ArgumentException">
    /// As for <see cref="WriteInteger"/>; or the bytes are not one value.
    /// </exception>
    public void WriteEncoded(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> encoded)
    {
        int end = 0;
        if (BencodeScanner.SkipValue(encoded, ref end, 2) != BencodeError.None || end != encoded.Length)
        {
            throw new ArgumentException(
                "The bytes must be one bencoded value, from its first byte to its last.", nameof(encoded));
        }

        WriteKey(key);
        _writer.WriteRaw(encoded);
    }

    /// <summary>Closes the dictionary and hands back the writer, which goes on after it.</summary>
    internal BencodeWriter Close()
    {
        WriteOwnId();
        _writer.End();
        return _writer;
    }

    private void WriteKey(scoped ReadOnlySpan<byte> key)
    {
        if (key.SequenceEqual("id"u8))
        {
            throw new ArgumentException(
                "The key 'id' is the sender's node id, which the engine writes by itself; choose another key.",
                nameof(key));
        }

        ReadOnlySpan<byte> last = _writer.Written.Slice(_lastKeyStart, _lastKeyLength);
        if (_lastKeyStart > 0 && key.SequenceCompareTo(last) <= 0)
        {
            throw new ArgumentException(
                $"Write keys in raw byte order, each once: '{Encoding.UTF8.GetString(key)}' came after "
                + $"'{Encoding.UTF8.GetString(last)}'.",
                nameof(key));
        }

        if (!_hasId && key.SequenceCompareTo("id"u8) > 0)
        {
            WriteOwnId();
        }

        _writer.WriteString(key);
        if (!_writer.HasOverflowed)
        {
            _lastKeyStart = _writer.Length - key.Length;
            _lastKeyLength = key.Length;
        }
    }

    private void WriteOwnId()
    {
        if (!_hasId)
        {
            _hasId = true;
            _writer.WriteRaw("2:id"u8);
            KrpcId.Write(ref _writer, _id);
        }
    }
}
