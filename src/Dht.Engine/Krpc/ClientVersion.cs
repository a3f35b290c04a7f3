namespace Dht.Engine.Krpc;

/// <summary>What we say we are (<c>v</c>): by custom two letters and two version bytes.</summary>
internal static class ClientVersion
{
    /// <summary>The most bytes that we send.</summary>
    public const int SizeMax = 16;

    /// <summary>Sent unless the options say otherwise.</summary>
    public static ReadOnlyMemory<byte> Default { get; } = "DE\0\x01"u8.ToArray();
}
