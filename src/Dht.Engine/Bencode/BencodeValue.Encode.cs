using System.Buffers;

namespace Dht.Engine.Bencode;

/// <content>From a document to bytes, always canonical.</content>
public sealed partial class BencodeValue
{
    /// <summary>Encodes the value: canonical, <see cref="EncodedLength"/> bytes.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[EncodedLength];
        BencodeWriter writer = new(bytes);
        WriteTo(ref writer);
        return bytes;
    }

    /// <summary>
    /// Encodes the value into <paramref name="output"/>, in one piece of <see cref="EncodedLength"/> bytes.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        BencodeWriter writer = new(output.GetSpan(EncodedLength)[..EncodedLength]);
        WriteTo(ref writer);
        output.Advance(EncodedLength);
    }

    /// <summary>
    /// Encodes the value with a writer, inside of whatever it is writing. Its overflow says whether all of it
    /// fitted.
    /// </summary>
    public void WriteTo(ref BencodeWriter writer)
    {
        // Recursion is safe here and elsewhere in this type: no document is higher than BencodeReader.MaxDepth.
        switch (Kind)
        {
            case BencodeKind.Integer:
                writer.WriteInteger(_number);
                return;
            case BencodeKind.String:
                writer.WriteString(Bytes.Span);
                return;
            case BencodeKind.List:
                writer.BeginList();
                foreach (BencodeValue item in Items)
                {
                    item.WriteTo(ref writer);
                }

                break;
            default:
                writer.BeginDictionary();
                foreach (BencodeEntry entry in Entries)
                {
                    writer.WriteString(entry.Key.Span);
                    entry.Value.WriteTo(ref writer);
                }

                break;
        }

        writer.End();
    }
}
