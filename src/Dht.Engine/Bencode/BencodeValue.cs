using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Dht.Engine.Bencode;

/// <summary>
/// An immutable bencoded document, or a part of one: an integer, a byte string, a list or a dictionary. For metadata,
/// state files and other slow paths; datagrams are read with <see cref="BencodeReader"/> and written with
/// <see cref="BencodeWriter"/>.
/// </summary>
/// <remarks>
/// <para>
/// Numbers, text, bytes and collection expressions convert to values: <c>BencodeValue list = [1, "two", bytes];</c>.
/// Dictionaries come from a <see cref="BencodeBuilder"/> or from <see cref="Parse"/>, and always hold their keys
/// sorted and once.
/// </para>
/// <para>
/// No document nests deeper than <see cref="BencodeReader.MaxDepth"/>, however it was created. Safe to share between
/// threads.
/// </para>
/// </remarks>
[CollectionBuilder(typeof(BencodeValue), nameof(FromList))]
public sealed partial class BencodeValue
{
    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly object? _content; // byte[], BencodeValue[] or BencodeEntry[].
    private readonly long _number; // The integer, or offset << 32 | length of a string within its bytes.
    private readonly byte _height; // Levels of containers, this one included.

    private BencodeValue(BencodeKind kind, object? content, long number, int encodedLength, int height)
    {
        Kind = kind;
        _content = content;
        _number = number;
        _height = (byte)height;
        EncodedLength = encodedLength;
    }

    /// <summary>Which of the four kinds of values this is.</summary>
    public BencodeKind Kind { get; }

    /// <summary>How many bytes the encoded value takes.</summary>
    public int EncodedLength { get; }

    /// <summary>How many items a list or entries a dictionary has; 0 for integers and strings.</summary>
    public int Count => Kind == BencodeKind.Dictionary ? Entries.Length : Items.Length;

    /// <summary>The items of a list, in order; empty for any other kind.</summary>
    public ReadOnlySpan<BencodeValue> Items => _content as BencodeValue[];

    /// <summary>The entries of a dictionary, sorted by the raw bytes of their keys; empty for any other kind.</summary>
    public ReadOnlySpan<BencodeEntry> Entries => _content as BencodeEntry[];

    /// <summary>An item of a list.</summary>
    /// <exception cref="InvalidOperationException">This is not a list.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The list has no such item.</exception>
    public BencodeValue this[int index]
    {
        get
        {
            Require(BencodeKind.List);
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Items.Length);
            return Items[index];
        }
    }

    /// <summary>The value under a key, which is compared as UTF-8.</summary>
    /// <exception cref="InvalidOperationException">This is not a dictionary.</exception>
    /// <exception cref="KeyNotFoundException">The dictionary has no such key.</exception>
    public BencodeValue this[string key]
    {
        get
        {
            Require(BencodeKind.Dictionary);
            return TryGetValue(key, out BencodeValue? value)
                ? value
                : throw new KeyNotFoundException($"There is no key \"{key}\".");
        }
    }

    /// <summary>The value under a key of raw bytes.</summary>
    /// <exception cref="InvalidOperationException">This is not a dictionary.</exception>
    /// <exception cref="KeyNotFoundException">The dictionary has no such key.</exception>
    public BencodeValue this[ReadOnlySpan<byte> key]
    {
        get
        {
            Require(BencodeKind.Dictionary);
            return TryGetValue(key, out BencodeValue? value)
                ? value
                : throw new KeyNotFoundException($"There is no key 0x{Convert.ToHexStringLower(key)}.");
        }
    }

    /// <summary>The integer.</summary>
    /// <exception cref="InvalidOperationException">This is not an integer.</exception>
    public long GetInteger()
    {
        Require(BencodeKind.Integer);
        return _number;
    }

    /// <summary>The content of a string. The bytes belong to the document and never change.</summary>
    /// <exception cref="InvalidOperationException">This is not a string.</exception>
    public ReadOnlyMemory<byte> GetBytes()
    {
        Require(BencodeKind.String);
        return Bytes;
    }

    /// <summary>The content of a string as text.</summary>
    /// <exception cref="InvalidOperationException">This is not a string, or it is not UTF-8.</exception>
    public string GetText()
    {
        Require(BencodeKind.String);
        return TryGetText(out string? text) ? text : throw new InvalidOperationException("The string is not UTF-8.");
    }

    /// <summary>The integer, if this is one.</summary>
    public bool TryGetInteger(out long value)
    {
        value = Kind == BencodeKind.Integer ? _number : 0;
        return Kind == BencodeKind.Integer;
    }

    /// <summary>The content of a string, if this is one. The bytes belong to the document and never change.</summary>
    public bool TryGetBytes(out ReadOnlyMemory<byte> value)
    {
        value = Kind == BencodeKind.String ? Bytes : default;
        return Kind == BencodeKind.String;
    }

    /// <summary>The content of a string as text, if this is a string and it is UTF-8.</summary>
    public bool TryGetText([NotNullWhen(true)] out string? value)
    {
        value = null;
        if (Kind != BencodeKind.String || !System.Text.Unicode.Utf8.IsValid(Bytes.Span))
        {
            return false;
        }

        value = Encoding.UTF8.GetString(Bytes.Span);
        return true;
    }

    /// <summary>The value under a key of raw bytes, if this is a dictionary that has it.</summary>
    public bool TryGetValue(ReadOnlySpan<byte> key, [NotNullWhen(true)] out BencodeValue? value)
    {
        ReadOnlySpan<BencodeEntry> entries = Entries;
        int low = 0;
        int high = entries.Length - 1;
        while (low <= high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            int order = entries[middle].Key.Span.SequenceCompareTo(key);
            if (order == 0)
            {
                value = entries[middle].Value;
                return true;
            }

            low = order < 0 ? middle + 1 : low;
            high = order < 0 ? high : middle - 1;
        }

        value = null;
        return false;
    }

    /// <summary>The value under a key, which is compared as UTF-8, if this is a dictionary that has it.</summary>
    public bool TryGetValue(string key, [NotNullWhen(true)] out BencodeValue? value)
    {
        ArgumentNullException.ThrowIfNull(key);
        return TryGetValue(Encoding.UTF8.GetBytes(key), out value);
    }

    /// <summary>The integer under a key, if this is a dictionary and its value is one.</summary>
    public bool TryGetInteger(string key, out long value)
    {
        value = 0;
        return TryGetValue(key, out BencodeValue? found) && found.TryGetInteger(out value);
    }

    /// <summary>The bytes under a key, if this is a dictionary and its value is a string.</summary>
    public bool TryGetBytes(string key, out ReadOnlyMemory<byte> value)
    {
        value = default;
        return TryGetValue(key, out BencodeValue? found) && found.TryGetBytes(out value);
    }

    /// <summary>The text under a key, if this is a dictionary and its value is a string that is UTF-8.</summary>
    public bool TryGetText(string key, [NotNullWhen(true)] out string? value)
    {
        value = null;
        return TryGetValue(key, out BencodeValue? found) && found.TryGetText(out value);
    }

    /// <summary>The list under a key, if this is a dictionary and its value is one.</summary>
    public bool TryGetList(string key, [NotNullWhen(true)] out BencodeValue? list) =>
        TryGetKind(key, BencodeKind.List, out list);

    /// <summary>The dictionary under a key, if this is a dictionary and its value is one.</summary>
    public bool TryGetDictionary(string key, [NotNullWhen(true)] out BencodeValue? dictionary) =>
        TryGetKind(key, BencodeKind.Dictionary, out dictionary);

    /// <summary>Enumerates the <see cref="Items"/> of a list; nothing for any other kind.</summary>
    public ReadOnlySpan<BencodeValue>.Enumerator GetEnumerator() => Items.GetEnumerator();

    /// <summary>The value on one line, cut where it grows long; see <see cref="BencodePrinter"/> for more.</summary>
    public override string ToString() => BencodePrinter.Brief.Print(this);

    private ReadOnlyMemory<byte> Bytes => ((byte[])_content!).AsMemory((int)(_number >> 32), (int)_number);

    private bool TryGetKind(string key, BencodeKind kind, [NotNullWhen(true)] out BencodeValue? value)
    {
        if (TryGetValue(key, out value) && value.Kind == kind)
        {
            return true;
        }

        value = null;
        return false;
    }

    private void Require(BencodeKind kind)
    {
        if (Kind != kind)
        {
            throw new InvalidOperationException($"The value is of kind {Kind}, not {kind}.");
        }
    }
}
