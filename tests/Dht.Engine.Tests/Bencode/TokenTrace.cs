using System.Globalization;
using System.Text;
using Dht.Engine.Bencode;

namespace Dht.Engine.Tests.Bencode;

/// <summary>
/// All that a reader reports about some data, as text, so that two readings can be compared and shown.
/// </summary>
internal static class TokenTrace
{
    /// <summary>Every token with its offsets, depth and content; then how the reading ended.</summary>
    public static string Full(ReadOnlySpan<byte> data, BencodeMode mode)
    {
        StringBuilder trace = new();
        BencodeReader reader = new(data, mode);
        while (reader.Read())
        {
            trace.Append(
                CultureInfo.InvariantCulture, $"{reader.Token}@{reader.TokenStart}-{reader.Position}/{reader.Depth}");
            trace.Append(CultureInfo.InvariantCulture, $"={reader.Integer},{Convert.ToHexString(reader.Value)} ");
        }

        return trace.Append(CultureInfo.InvariantCulture, $"{reader.Error}@{reader.Position}").ToString();
    }

    /// <summary>The tokens in a short notation: <c>{ key= "text" 12 [ ] }</c>.</summary>
    public static string Short(ReadOnlySpan<byte> data, BencodeMode mode = BencodeMode.Strict)
    {
        List<string> trace = [];
        BencodeReader reader = new(data, mode);
        while (reader.Read())
        {
            string text = Encoding.Latin1.GetString(reader.Value);
            trace.Add(reader.Token switch
            {
                BencodeToken.Integer => reader.Integer.ToString(CultureInfo.InvariantCulture),
                BencodeToken.String => $"\"{text}\"",
                BencodeToken.Key => $"{text}=",
                BencodeToken.ListStart => "[",
                BencodeToken.ListEnd => "]",
                BencodeToken.DictionaryStart => "{",
                BencodeToken.DictionaryEnd => "}",
                _ => "?",
            });
        }

        if (reader.Error != BencodeError.None)
        {
            trace.Add(reader.Error.ToString());
        }

        return string.Join(' ', trace);
    }
}
