using System.Buffers;
using Dht.Engine;

namespace Dht.Cli.Output;

/// <summary>
/// A node's <c>v</c> for people: by custom it is two letters of the client and two bytes of its version, written as
/// "LT0102". Of another length, letters, digits and a few signs are written as they are ("MO3002"); whatever does not
/// look so is written in hexadecimal.
/// </summary>
internal static class VersionText
{
    /// <summary>The most bytes that <see cref="Write"/> writes.</summary>
    public const int SizeMax = 2 * BytesMax;

    // Strangers choose v. By custom it has 4 bytes; what they pad it with shall not fill the disk.
    private const int BytesMax = NodeVersion.SizeMax;
    private const int UsualLength = 4;
    private const int LetterCount = 2;

    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._+"u8);

    public static int Write(ReadOnlySpan<byte> version, Span<byte> destination)
    {
        if (version.Length != UsualLength && version.Length <= BytesMax && !version.ContainsAnyExcept(Plain))
        {
            version.CopyTo(destination);
            return version.Length;
        }

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
