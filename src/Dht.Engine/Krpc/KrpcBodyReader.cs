using System.Text;
using Dht.Engine.Bencode;
using Dht.Engine.Identity;

namespace Dht.Engine.Krpc;

/// <summary>
/// Finds entries in the dictionary <c>a</c> or <c>r</c> of a message, by key and in any order. An entry of another
/// type than the one asked for counts as absent.
/// </summary>
/// <remarks>
/// Borrows the datagram. Each look-up walks the dictionary from its start; nothing is allocated, except for texts.
/// </remarks>
public readonly ref struct KrpcBodyReader
{
    private readonly ReadOnlySpan<byte> _body;

    /// <summary>Views a dictionary, with its <c>d</c> and <c>e</c>. Anything else counts as an empty one.</summary>
    public KrpcBodyReader(ReadOnlySpan<byte> body) => _body = body;

    /// <summary>
    /// The dictionary as it came, to be read by a <see cref="BencodeReader"/> or a <see cref="BencodeValue"/>.
    /// </summary>
    public ReadOnlySpan<byte> Encoded => _body;

    /// <summary>Finds a byte string.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its content, a part of the datagram.</param>
    public bool TryGetString(scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        int position = Find(key);
        if (position < 0
            || BencodeScanner.ScanString(_body, ref position, out int start, out int length) != BencodeError.None)
        {
            return false;
        }

        value = _body.Slice(start, length);
        return true;
    }

    /// <summary>Finds a text; allocates it. Bytes that are not UTF-8 become replacement characters.</summary>
    public bool TryGetText(scoped ReadOnlySpan<byte> key, out string value)
    {
        bool found = TryGetString(key, out ReadOnlySpan<byte> bytes);
        value = found ? Encoding.UTF8.GetString(bytes) : string.Empty;
        return found;
    }

    /// <summary>Finds an integer.</summary>
    public bool TryGetInteger(scoped ReadOnlySpan<byte> key, out long value)
    {
        value = 0;
        int position = Find(key);
        return position >= 0 && BencodeScanner.ScanInteger(_body, ref position, out value) == BencodeError.None;
    }

    /// <summary>Finds an id: a byte string of 20 bytes.</summary>
    public bool TryGetId(scoped ReadOnlySpan<byte> key, out NodeId value)
    {
        value = default;
        return TryGetString(key, out ReadOnlySpan<byte> bytes) && NodeId.TryRead(bytes, out value);
    }

    /// <summary>Finds a value of any kind, as it is encoded.</summary>
    public bool TryGetEncoded(scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> encoded)
    {
        encoded = default;
        int start = Find(key);
        int end = start;
        if (start < 0 || BencodeScanner.SkipValue(_body, ref end, 1, anySize: true) != BencodeError.None)
        {
            return false;
        }

        encoded = _body[start..end];
        return true;
    }

    /// <summary>Where the value of a key begins, or -1.</summary>
    private int Find(scoped ReadOnlySpan<byte> key)
    {
        if (_body.IsEmpty || _body[0] != (byte)'d')
        {
            return -1;
        }

        int position = 1;
        while (BencodeScanner.ScanString(_body, ref position, out int start, out int length) == BencodeError.None)
        {
            if (length == key.Length && _body.Slice(start, length).SequenceEqual(key))
            {
                return position;
            }

            if (BencodeScanner.SkipValue(_body, ref position, 1, anySize: true) != BencodeError.None)
            {
                return -1;
            }
        }

        return -1;
    }
}
