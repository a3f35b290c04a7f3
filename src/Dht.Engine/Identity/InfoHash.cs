using System.Diagnostics.CodeAnalysis;
using Dht.Engine.Randomness;

namespace Dht.Engine.Identity;

/// <summary>
/// The 160-bit hash that names a torrent (BEP 3). It lives in the same space as <see cref="NodeId"/> but is another
/// thing, so it is another type; <see cref="AsNodeId"/> is the one bridge, for distances.
/// </summary>
public readonly struct InfoHash : IEquatable<InfoHash>
{
    /// <summary>Bytes of an infohash on the wire.</summary>
    public const int Size = NodeId.Size;

    private readonly NodeId _bits;

    /// <summary>Reads an infohash in wire form.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 20 bytes long.</exception>
    public InfoHash(ReadOnlySpan<byte> bytes) => _bits = new NodeId(bytes);

    private InfoHash(in NodeId bits) => _bits = bits;

    /// <summary>The same bits as a point in the id space.</summary>
    public NodeId AsNodeId => _bits;

    /// <summary>The infohash at a point in the id space.</summary>
    public static InfoHash FromNodeId(in NodeId bits) => new(bits);

    /// <summary>Whether two infohashes are the same.</summary>
    public static bool operator ==(in InfoHash left, in InfoHash right) => left._bits == right._bits;

    /// <summary>Whether two infohashes differ.</summary>
    public static bool operator !=(in InfoHash left, in InfoHash right) => left._bits != right._bits;

    /// <summary>Reads an infohash in wire form; false when there are not exactly 20 bytes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out InfoHash infoHash)
    {
        bool ok = NodeId.TryRead(bytes, out NodeId bits);
        infoHash = new InfoHash(bits);
        return ok;
    }

    /// <summary>Parses 40 hexadecimal digits of either case.</summary>
    /// <exception cref="FormatException">The text is not 40 hexadecimal digits.</exception>
    public static InfoHash Parse(ReadOnlySpan<char> hex) => TryParse(hex, out InfoHash infoHash)
        ? infoHash
        : throw new FormatException("An infohash is written as 40 hexadecimal digits.");

    /// <summary>Parses 40 hexadecimal digits of either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out InfoHash infoHash)
    {
        bool ok = NodeId.TryParse(hex, out NodeId bits);
        infoHash = new InfoHash(bits);
        return ok;
    }

    /// <summary>An infohash of 160 random bits.</summary>
    public static InfoHash Random(IRandomSource random) => new(NodeId.Random(random));

    /// <summary>Writes the 20 bytes of the wire form.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 20 bytes.</exception>
    public void CopyTo(Span<byte> destination) => _bits.CopyTo(destination);

    /// <inheritdoc/>
    public bool Equals(InfoHash other) => _bits.Equals(other._bits);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is InfoHash other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _bits.GetHashCode();

    /// <summary>40 lower-case hexadecimal digits.</summary>
    public override string ToString() => _bits.ToString();
}
