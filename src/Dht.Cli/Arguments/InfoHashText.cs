using System.Diagnostics.CodeAnalysis;
using Dht.Engine.Identity;

namespace Dht.Cli.Arguments;

/// <summary>
/// Reads an infohash as people have it: 40 hexadecimal digits, 32 letters and digits of base32, 64 hexadecimal digits
/// of BitTorrent v2, one of these as a URN (BEP 9, BEP 52), or a whole magnet link.
/// </summary>
/// <remarks>
/// The DHT has keys of 20 bytes: of a v2 infohash, which has 32, it takes the first 20 (BEP 52). A magnet link of a
/// hybrid torrent has both; the v1 infohash is taken, wherever it comes in the link.
/// </remarks>
internal static class InfoHashText
{
    /// <summary>What is accepted, for messages to people.</summary>
    public const string Shape = "40 hexadecimal digits, base32 (32 characters), urn:btih:..., urn:btmh:... "
        + "or a magnet link";

    private const string MagnetPrefix = "magnet:?";
    private const string UrnV1 = "urn:btih:";
    private const string UrnV2 = "urn:btmh:";

    // BEP 52: a multihash of SHA-256 (0x12), 32 bytes (0x20) long.
    private const string MultihashPrefix = "1220";

    private const int HexLength = 2 * InfoHash.Size;
    private const int HexLengthV2 = 64;
    private const int Base32Length = 32;
    private const string Base32Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <param name="text">What the user wrote.</param>
    /// <param name="name">What the argument is called.</param>
    /// <param name="infoHash">The key of the torrent in the DHT.</param>
    /// <param name="fault">What is wrong, as one sentence; null when nothing is.</param>
    public static bool TryParse(
        string text, string name, out InfoHash infoHash, [NotNullWhen(false)] out string? fault)
    {
        bool isMagnet = text.StartsWith(MagnetPrefix, StringComparison.OrdinalIgnoreCase);
        bool isValid = isMagnet ? TryParseMagnet(text, out infoHash) : TryParseOne(text, out infoHash);
        fault = isValid ? null
            : isMagnet ? $"{name}: the magnet link names no torrent; it needs xt=urn:btih:... or xt=urn:btmh:..."
            : text.StartsWith("urn:", StringComparison.OrdinalIgnoreCase)
                ? $"{name}: '{text}' is not urn:btih: with 40 hexadecimal digits or 32 of base32, nor urn:btmh:1220 "
                    + "with 64 hexadecimal digits"
            : $"{name} takes {Shape}, not '{text}'";
        return isValid;
    }

    private static bool TryParseMagnet(string text, out InfoHash infoHash)
    {
        infoHash = default;
        bool isFound = false;
        foreach (string part in text[MagnetPrefix.Length..].Split('&'))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !IsTopic(part[..equals]))
            {
                continue;
            }

            string topic = Uri.UnescapeDataString(part[(equals + 1)..]);
            if (TryParseUrn(topic, UrnV1, out InfoHash v1))
            {
                infoHash = v1;
                return true;
            }

            if (!isFound && TryParseUrn(topic, UrnV2, out InfoHash v2))
            {
                infoHash = v2;
                isFound = true;
            }
        }

        return isFound;
    }

    /// <summary>Links with several topics number them: xt.1, xt.2 (BEP 9 leaves that to the magnet scheme).</summary>
    private static bool IsTopic(string key) =>
        key.Equals("xt", StringComparison.OrdinalIgnoreCase)
        || key.StartsWith("xt.", StringComparison.OrdinalIgnoreCase);

    private static bool TryParseOne(string text, out InfoHash infoHash) =>
        TryParseUrn(text, UrnV1, out infoHash)
        || TryParseUrn(text, UrnV2, out infoHash)
        || TryParseV1(text, out infoHash)
        || TryParseV2(text, out infoHash);

    private static bool TryParseUrn(string text, string prefix, out InfoHash infoHash)
    {
        infoHash = default;
        if (!text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        string hash = text[prefix.Length..];
        return prefix == UrnV1
            ? TryParseV1(hash, out infoHash)
            : hash.StartsWith(MultihashPrefix, StringComparison.Ordinal)
                && TryParseV2(hash[MultihashPrefix.Length..], out infoHash);
    }

    private static bool TryParseV1(string text, out InfoHash infoHash) =>
        InfoHash.TryParse(text, out infoHash) || TryParseBase32(text, out infoHash);

    private static bool TryParseV2(string text, out InfoHash infoHash)
    {
        infoHash = default;
        return text.Length == HexLengthV2
            && text.All(char.IsAsciiHexDigit)
            && InfoHash.TryParse(text.AsSpan(0, HexLength), out infoHash);
    }

    private static bool TryParseBase32(string text, out InfoHash infoHash)
    {
        infoHash = default;
        if (text.Length != Base32Length)
        {
            return false;
        }

        // 32 digits of 5 bits are 20 bytes; 8 digits are 5 bytes.
        Span<byte> bytes = stackalloc byte[InfoHash.Size];
        ulong bits = 0;
        for (int i = 0; i < Base32Length; i++)
        {
            int digit = Base32Digits.IndexOf(char.ToUpperInvariant(text[i]), StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            bits = bits << 5 | (uint)digit;
            if (i % 8 == 7)
            {
                for (int k = 0; k < 5; k++)
                {
                    bytes[(i / 8 * 5) + k] = (byte)(bits >> (8 * (4 - k)));
                }

                bits = 0;
            }
        }

        infoHash = new InfoHash(bytes);
        return true;
    }
}
