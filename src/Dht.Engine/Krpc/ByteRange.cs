namespace Dht.Engine.Krpc;

/// <summary>
/// A part of a datagram: 4 bytes instead of the 16 of a span. A range that starts at 0 is absent, since byte 0 is
/// <c>d</c>.
/// </summary>
internal readonly record struct ByteRange(ushort Start, ushort Length)
{
    public bool IsPresent => Start != 0;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> datagram) => datagram.Slice(Start, Length);
}
