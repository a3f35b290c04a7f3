using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Dht.Engine.Bencode;

/// <content>From bytes to a document.</content>
public sealed partial class BencodeValue
{
    /// <summary>Parses the value at the beginning of the data.</summary>
    /// <param name="data">The bytes; copied, so that the document does not depend on them.</param>
    /// <param name="mode">
    /// Whether anything but the canonical form is accepted. In lenient mode the first of several equal keys counts,
    /// and bytes after the value are ignored.
    /// </param>
    /// <exception cref="BencodeFormatException">The data does not begin with a value in that mode.</exception>
    public static BencodeValue Parse(ReadOnlySpan<byte> data, BencodeMode mode) =>
        TryParse(data, mode, out BencodeValue? value, out BencodeError error, out int position)
            ? value
            : throw new BencodeFormatException(error, position);

    /// <summary>Parses the value at the beginning of the data, if there is one.</summary>
    /// <param name="data">The bytes; copied, so that the document does not depend on them.</param>
    /// <param name="mode">Whether anything but the canonical form is accepted.</param>
    /// <param name="value">The document.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> data, BencodeMode mode, [NotNullWhen(true)] out BencodeValue? value) =>
        TryParse(data, mode, out value, out _, out _);

    /// <summary>
    /// Parses the value at the beginning of the data, if there is one, and says where it ends or what is wrong.
    /// </summary>
    /// <remarks>
    /// Nothing is allocated for data that is refused. A document takes the memory of its encoded form and some 40 to
    /// 70 bytes for each value in it: bound the size of data from strangers.
    /// </remarks>
    /// <param name="data">The bytes; copied, so that the document does not depend on them.</param>
    /// <param name="mode">
    /// Whether anything but the canonical form is accepted. In lenient mode the first of several equal keys counts,
    /// and bytes may follow the value.
    /// </param>
    /// <param name="value">The document.</param>
    /// <param name="error">What is wrong; <see cref="BencodeError.None"/> on success.</param>
    /// <param name="position">
    /// On success the length of the value in bytes, which in lenient mode may be less than the data has; on failure
    /// the offset of the token at fault.
    /// </param>
    public static bool TryParse(
        ReadOnlySpan<byte> data,
        BencodeMode mode,
        [NotNullWhen(true)] out BencodeValue? value,
        out BencodeError error,
        out int position)
    {
        value = null;
        BencodeReader reader = new(data, mode);

        // The second read is the one that sees bytes after the value.
        bool valid = reader.Skip() && !reader.Read() && reader.Error == BencodeError.None;
        error = reader.Error;
        position = reader.Position;
        if (valid)
        {
            value = Build(data[..position].ToArray());
        }

        return valid;
    }

    /// <summary>
    /// Builds a document over bytes that are known to be one value. All open containers share one stack: each lies
    /// there as a placeholder with its key, its children above it.
    /// </summary>
    private static BencodeValue Build(byte[] bytes)
    {
        List<BencodeEntry> stack = [];
        Span<int> placeholders = stackalloc int[BencodeReader.MaxDepth];
        BencodeReader reader = new(bytes, BencodeMode.Lenient);
        ReadOnlyMemory<byte> key = default;
        while (reader.Read())
        {
            switch (reader.Token)
            {
                case BencodeToken.Key:
                    key = bytes.AsMemory(reader.Position - reader.Value.Length, reader.Value.Length);
                    continue;
                case BencodeToken.Integer:
                    stack.Add(new BencodeEntry(key, FromInteger(reader.Integer)));
                    break;
                case BencodeToken.String:
                    int start = reader.Position - reader.Value.Length;
                    stack.Add(new BencodeEntry(key, FromSlice(bytes, start, reader.Value.Length)));
                    break;
                case BencodeToken.ListStart or BencodeToken.DictionaryStart:
                    placeholders[reader.Depth - 1] = stack.Count;
                    stack.Add(new BencodeEntry(key, EmptyList));
                    break;
                default:
                    Close(stack, placeholders[reader.Depth], reader.Token == BencodeToken.DictionaryEnd);
                    break;
            }

            key = default;
        }

        return stack[0].Value;
    }

    private static void Close(List<BencodeEntry> stack, int placeholder, bool isDictionary)
    {
        ReadOnlySpan<BencodeEntry> children = CollectionsMarshal.AsSpan(stack)[(placeholder + 1)..];
        BencodeValue container = isDictionary ? FromEntries(children) : FromChildren(children);
        stack.RemoveRange(placeholder + 1, children.Length);
        stack[placeholder] = stack[placeholder] with { Value = container };
    }

    private static BencodeValue FromChildren(ReadOnlySpan<BencodeEntry> children)
    {
        if (children.IsEmpty)
        {
            return EmptyList;
        }

        BencodeValue[] items = new BencodeValue[children.Length];
        long length = 2;
        int height = 0;
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = children[i].Value;
            length += items[i].EncodedLength;
            height = Math.Max(height, items[i]._height);
        }

        return new BencodeValue(BencodeKind.List, items, 0, (int)length, height + 1);
    }
}
