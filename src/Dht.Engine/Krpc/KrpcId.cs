using Dht.Engine.Bencode;
using Dht.Engine.Identity;

namespace Dht.Engine.Krpc;

/// <summary>An id in a message: a string of 20 bytes.</summary>
internal static class KrpcId
{
    public static void Write(ref BencodeWriter writer, in NodeId id)
    {
        Span<byte> place = writer.ReserveString(NodeId.Size);
        if (!place.IsEmpty)
        {
            id.CopyTo(place);
        }
    }
}
