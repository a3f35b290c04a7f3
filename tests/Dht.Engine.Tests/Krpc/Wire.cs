using System.Text;

namespace Dht.Engine.Tests.Krpc;

/// <summary>Datagrams written as text: one character a byte.</summary>
internal static class Wire
{
    public const string IdA = "abcdefghij0123456789";
    public const string IdB = "mnopqrstuvwxyz123456";

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>A byte string in bencode.</summary>
    public static string Str(string content) => $"{content.Length}:{content}";

    /// <summary>A string of distinct but repeatable bytes.</summary>
    public static string Fill(int length, int from = 0)
    {
        var text = new StringBuilder(length);
        for (int i = 0; i < length; i++)
        {
            text.Append((char)((from + (i * 7)) & 0xFF));
        }

        return text.ToString();
    }

    /// <summary>A query with arguments behind the id.</summary>
    public static byte[] Query(string method, string arguments = "", string tail = "") =>
        Bytes($"d1:ad2:id20:{IdA}{arguments}e1:q{Str(method)}{tail}1:t2:aa1:y1:qe");

    /// <summary>A response with values behind the id.</summary>
    public static byte[] Response(string values = "", string head = "") =>
        Bytes($"d{head}1:rd2:id20:{IdB}{values}e1:t2:aa1:y1:re");
}
