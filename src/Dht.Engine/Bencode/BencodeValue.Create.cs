using System.Runtime.InteropServices;

namespace Dht.Engine.Bencode;

/// <content>How values come to be.</content>
public sealed partial class BencodeValue
{
    private static readonly BencodeValue EmptyString = new(BencodeKind.String, Array.Empty<byte>(), 0, 2, 0);
    private static readonly BencodeValue EmptyList = new(BencodeKind.List, Array.Empty<BencodeValue>(), 0, 2, 1);
    private static readonly BencodeValue EmptyDictionary =
        new(BencodeKind.Dictionary, Array.Empty<BencodeEntry>(), 0, 2, 1);

    /// <summary>An integer.</summary>
    public static BencodeValue FromInteger(long value) =>
        new(BencodeKind.Integer, null, value, 2 + BencodeFormat.CountCharacters(value), 0);

    /// <summary>A byte string; the bytes are copied.</summary>
    public static BencodeValue FromBytes(ReadOnlySpan<byte> value) => FromOwned(value.ToArray());

    /// <summary>A byte string that holds the UTF-8 of a text.</summary>
    /// <exception cref="ArgumentException">
    /// The text holds half a surrogate pair, for which there is no UTF-8.
    /// </exception>
    public static BencodeValue FromText(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return FromOwned(EncodeText(value));
    }

    /// <summary>A list; collection expressions end up here. The items are copied, being immutable themselves.</summary>
    /// <exception cref="ArgumentException">
    /// An item is null, or the list would nest too deep or grow beyond 2 GiB.
    /// </exception>
    public static BencodeValue FromList(params ReadOnlySpan<BencodeValue> items)
    {
        if (items.IsEmpty)
        {
            return EmptyList;
        }

        BencodeValue[] copy = items.ToArray();
        long length = 2;
        int height = 0;
        foreach (BencodeValue item in copy)
        {
            if (item is null)
            {
                throw new ArgumentException("An item of the list is null.", nameof(items));
            }

            length += item.EncodedLength;
            height = Math.Max(height, item._height);
        }

        return new BencodeValue(BencodeKind.List, copy, 0, CheckLength(length), CheckHeight(height + 1));
    }

    /// <summary>An integer.</summary>
    public static implicit operator BencodeValue(long value) => FromInteger(value);

    /// <summary>A byte string that holds the UTF-8 of a text.</summary>
    public static implicit operator BencodeValue(string value) => FromText(value);

    /// <summary>A byte string; the bytes are copied.</summary>
    public static implicit operator BencodeValue(byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return FromBytes(value);
    }

    /// <summary>A byte string; the bytes are copied.</summary>
    public static implicit operator BencodeValue(ReadOnlySpan<byte> value) => FromBytes(value);

    /// <summary>A dictionary with what the builder holds now.</summary>
    public static implicit operator BencodeValue(BencodeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ToValue();
    }

    /// <summary>The UTF-8 of a text.</summary>
    /// <exception cref="ArgumentException">The text holds half a surrogate pair.</exception>
    internal static byte[] EncodeText(string text) => StrictUtf8.GetBytes(text);

    /// <summary>A dictionary of entries whose keys are sorted and different. The array is handed over.</summary>
    /// <exception cref="ArgumentException">The dictionary would nest too deep or grow beyond 2 GiB.</exception>
    internal static BencodeValue FromSortedEntries(BencodeEntry[] entries)
    {
        if (entries.Length == 0)
        {
            return EmptyDictionary;
        }

        long length = 2;
        int height = 0;
        foreach (BencodeEntry entry in entries)
        {
            length += BencodeFormat.CountStringBytes(entry.Key.Length) + entry.Value.EncodedLength;
            height = Math.Max(height, entry.Value._height);
        }

        return new BencodeValue(BencodeKind.Dictionary, entries, 0, CheckLength(length), CheckHeight(height + 1));
    }

    private static BencodeValue FromOwned(byte[] bytes) => FromSlice(bytes, 0, bytes.Length);

    private static BencodeValue FromSlice(byte[] bytes, int start, int length) => length == 0
        ? EmptyString
        : new BencodeValue(
            BencodeKind.String,
            bytes,
            ((long)start << 32) | (uint)length,
            CheckLength(BencodeFormat.CountStringBytes(length)),
            0);

    /// <summary>A dictionary of entries in any order. If a key appears twice, the first value wins.</summary>
    private static BencodeValue FromEntries(ReadOnlySpan<BencodeEntry> entries)
    {
        BencodeEntry[] sorted = entries.ToArray();
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i - 1].Key.Span.SequenceCompareTo(sorted[i].Key.Span) >= 0)
            {
                return FromSortedEntries(Sort(sorted));
            }
        }

        return FromSortedEntries(sorted);
    }

    private static BencodeEntry[] Sort(BencodeEntry[] entries)
    {
        // All keys are slices of one array, so their offsets say which of two equal ones came first.
        Array.Sort(entries, static (left, right) =>
        {
            int order = left.Key.Span.SequenceCompareTo(right.Key.Span);
            return order != 0 ? order : OffsetOf(left).CompareTo(OffsetOf(right));
        });

        int kept = 1;
        for (int i = 1; i < entries.Length; i++)
        {
            if (!entries[i].Key.Span.SequenceEqual(entries[kept - 1].Key.Span))
            {
                entries[kept++] = entries[i];
            }
        }

        return entries[..kept];
    }

    private static int OffsetOf(BencodeEntry entry) =>
        MemoryMarshal.TryGetArray(entry.Key, out ArraySegment<byte> segment) ? segment.Offset : 0;

    private static int CheckLength(long length) => length <= Array.MaxLength
        ? (int)length
        : throw new ArgumentException("The encoded value would be longer than an array can be.");

    private static int CheckHeight(int height) => height <= BencodeReader.MaxDepth
        ? height
        : throw new ArgumentException($"Lists and dictionaries may nest {BencodeReader.MaxDepth} deep.");
}
