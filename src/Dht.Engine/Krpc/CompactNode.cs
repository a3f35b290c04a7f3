using Dht.Engine.Addressing;
using Dht.Engine.Identity;

namespace Dht.Engine.Krpc;

/// <summary>A contact as the wire carries it: an id and an endpoint (26 bytes for IPv4, 38 for IPv6).</summary>
/// <param name="Id">What the sender says the contact's id is; not verified.</param>
/// <param name="Endpoint">Where it is said to be; may be a bogon.</param>
public readonly record struct CompactNode(NodeId Id, Endpoint Endpoint)
{
    /// <summary>Bytes of an IPv4 contact.</summary>
    public const int SizeIPv4 = NodeId.Size + Endpoint.CompactSizeIPv4;

    /// <summary>Bytes of an IPv6 contact.</summary>
    public const int SizeIPv6 = NodeId.Size + Endpoint.CompactSizeIPv6;

    /// <summary>Bytes of a contact of a family.</summary>
    public static int SizeOf(IpFamily family) => family == IpFamily.IPv6 ? SizeIPv6 : SizeIPv4;

    /// <summary>Reads 26 or 38 bytes; false for any other length.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out CompactNode node)
    {
        if (bytes.Length is SizeIPv4 or SizeIPv6
            && Endpoint.TryReadCompact(bytes[NodeId.Size..], out Endpoint endpoint))
        {
            node = new CompactNode(new NodeId(bytes[..NodeId.Size]), endpoint);
            return true;
        }

        node = default;
        return false;
    }

    /// <summary>Writes the compact form and returns its length.</summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public int Write(Span<byte> destination)
    {
        Id.CopyTo(destination);
        return NodeId.Size + Endpoint.WriteCompact(destination[NodeId.Size..]);
    }
}
