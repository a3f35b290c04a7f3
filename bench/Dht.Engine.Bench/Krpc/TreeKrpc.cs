using Dht.Engine.Bencode;

namespace Dht.Engine.Bench;

/// <summary>Reads the envelope of a message out of a tree of values: the way around that a typed view avoids.</summary>
internal static class TreeKrpc
{
    public static int Read(BencodeValue root)
    {
        int sum = 0;
        if (root.TryGetValue("y", out BencodeValue? kind) && kind.TryGetBytes(out ReadOnlyMemory<byte> letter))
        {
            sum += letter.Span[0];
        }

        if (root.TryGetValue("t", out BencodeValue? transaction)
            && transaction.TryGetBytes(out ReadOnlyMemory<byte> bytes))
        {
            sum += bytes.Length;
        }

        if ((root.TryGetValue("a", out BencodeValue? body) || root.TryGetValue("r", out body))
            && body.TryGetValue("id", out BencodeValue? id) && id.TryGetBytes(out ReadOnlyMemory<byte> idBytes))
        {
            sum += idBytes.Length;
        }

        return sum;
    }
}
