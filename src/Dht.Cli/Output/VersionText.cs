namespace Dht.Cli.Output;

/// <summary>
/// A node's <c>v</c> for people: by custom it is two letters of the client and two bytes of its version, written as
/// "LT0102". Whatever does not look so is written in hexadecimal.
/// </summary>
internal static class VersionText
{
    /// <summary>The most bytes that <see cref="Write"/> writes.</summary>
    public const int SizeMax = 2 * BytesMax;

    // Strangers choose v. By custom it has 4 bytes; what they pad it with shall not fill the disk.
    private const int BytesMax = 16;
    private const int UsualLength = 4;
    private const int LetterCount = 2;

    public static int Write(ReadOnlySpan<byte> version, Span<byte> destination)
    {
        int letters = version.Length == UsualLength && IsPrintable(version[0]) && IsPrintable(version[1])
            ? LetterCount
            : 0;
        version[..letters].CopyTo(destination);
        ReadOnlySpan<byte> rest = version[letters..Math.Min(version.Length, BytesMax)];
        Convert.TryToHexString(rest, destination[letters..], out int written);
        return letters + written;
    }

    private static bool IsPrintable(byte value) => value is > (byte)' ' and < 0x7F;
}
