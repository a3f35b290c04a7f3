using System.Buffers.Binary;
using System.Net;

namespace Dht.Engine.Bench;

/// <summary>
/// Compact endpoints to the framework's own objects, as libraries do that keep an object for each contact.
/// </summary>
internal static class FrameworkEndpoints
{
    public static IPEndPoint Read(ReadOnlySpan<byte> bytes) =>
        new(new IPAddress(bytes[..^2]), BinaryPrimitives.ReadUInt16BigEndian(bytes[^2..]));
}
