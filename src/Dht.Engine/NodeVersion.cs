using System.Buffers.Binary;

namespace Dht.Engine;

/// <summary>
/// What a node says it is (<c>v</c>): by custom two letters of the client and two bytes of its version, but there are
/// others. A value; of a long one the first <see cref="SizeMax"/> bytes.
/// </summary>
public readonly record struct NodeVersion
{
    /// <summary>The most bytes that are kept.</summary>
    public const int SizeMax = 16;

    private readonly UInt128 _bytes;

    /// <summary>Takes the bytes as they came; what is beyond <see cref="SizeMax"/> is left out.</summary>
    public NodeVersion(ReadOnlySpan<byte> bytes)
    {
        Length = Math.Min(bytes.Length, SizeMax);
        Span<byte> padded = stackalloc byte[SizeMax];
        padded.Clear();
        bytes[..Length].CopyTo(padded);
        _bytes = BinaryPrimitives.ReadUInt128BigEndian(padded);
    }

    /// <summary>How many bytes there are; 0 when the node says nothing.</summary>
    public int Length { get; }

    /// <summary>Whether the node says nothing.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>Writes the bytes.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes long.</param>
    /// <returns>How many were written.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public int CopyTo(Span<byte> destination)
    {
        Span<byte> padded = stackalloc byte[SizeMax];
        BinaryPrimitives.WriteUInt128BigEndian(padded, _bytes);
        padded[..Length].CopyTo(destination);
        return Length;
    }

    /// <summary>The bytes in hexadecimal.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[SizeMax];
        return Convert.ToHexString(bytes[..CopyTo(bytes)]);
    }
}
