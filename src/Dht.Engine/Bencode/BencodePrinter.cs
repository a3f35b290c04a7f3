using System.Globalization;
using System.Text;

namespace Dht.Engine.Bencode;

/// <summary>Turns documents into text for people: safe on a terminal or in a log whatever the bytes are.</summary>
/// <remarks>
/// Strings that are printable UTF-8 appear in quotes; all others as <c>0x</c> and hex digits. What is cut says how
/// much is missing. The text is not meant to be parsed. A printer never changes; share it freely.
/// </remarks>
public sealed class BencodePrinter
{
    internal static readonly BencodePrinter Brief =
        new() { IsIndented = false, StringBytesMax = 32, CharactersMax = 400 };

    /// <summary>Whether each entry has its own line, indented by its depth; otherwise all is on one line.</summary>
    public bool IsIndented { get; init; } = true;

    /// <summary>How many bytes of a string or key are shown.</summary>
    public int StringBytesMax { get; init; } = 64;

    /// <summary>How many items of a list or entries of a dictionary are shown.</summary>
    public int ItemsMax { get; init; } = 1_000;

    /// <summary>Roughly how many characters are printed in all.</summary>
    public int CharactersMax { get; init; } = 1_000_000;

    /// <summary>Prints a document.</summary>
    public string Print(BencodeValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        StringBuilder output = new();
        Print(output, value, depth: 0);
        return output.ToString();
    }

    private void Print(StringBuilder output, BencodeValue value, int depth)
    {
        switch (value.Kind)
        {
            case BencodeKind.Integer:
                output.Append(CultureInfo.InvariantCulture, $"{value.GetInteger()}");
                break;
            case BencodeKind.String:
                PrintString(output, value.GetBytes().Span);
                break;
            default:
                PrintContainer(output, value, depth);
                break;
        }
    }

    private void PrintContainer(StringBuilder output, BencodeValue value, int depth)
    {
        bool isList = value.Kind == BencodeKind.List;
        output.Append(isList ? '[' : '{');
        int shown = 0;
        while (shown < value.Count && shown < ItemsMax && output.Length < CharactersMax)
        {
            output.Append(shown > 0 ? "," : "");
            Separate(output, depth + 1, isFirst: shown == 0);
            if (isList)
            {
                Print(output, value.Items[shown], depth + 1);
            }
            else
            {
                PrintString(output, value.Entries[shown].Key.Span);
                output.Append(": ");
                Print(output, value.Entries[shown].Value, depth + 1);
            }

            shown++;
        }

        if (shown < value.Count)
        {
            output.Append(shown > 0 ? "," : "");
            Separate(output, depth + 1, isFirst: shown == 0);
            output.Append(CultureInfo.InvariantCulture, $"... {value.Count - shown} more");
        }

        if (value.Count > 0)
        {
            Separate(output, depth, isFirst: true);
        }

        output.Append(isList ? ']' : '}');
    }

    private void Separate(StringBuilder output, int depth, bool isFirst)
    {
        if (IsIndented)
        {
            output.Append('\n').Append(' ', 2 * depth);
        }
        else if (!isFirst)
        {
            output.Append(' ');
        }
    }

    private void PrintString(StringBuilder output, ReadOnlySpan<byte> bytes)
    {
        int shownMax = Math.Max(0, StringBytesMax);
        int shown = TryPrintText(output, bytes, shownMax);
        if (shown < 0)
        {
            shown = Math.Min(bytes.Length, shownMax);
            output.Append("0x").Append(Convert.ToHexStringLower(bytes[..shown]));
        }

        if (shown < bytes.Length)
        {
            output.Append(CultureInfo.InvariantCulture, $"... ({bytes.Length} bytes)");
        }
    }

    /// <summary>
    /// Prints what is shown of a text, whole characters only; returns its bytes, or -1 if that is no printable text.
    /// </summary>
    private static int TryPrintText(StringBuilder output, ReadOnlySpan<byte> bytes, int shownMax)
    {
        int undo = output.Length;
        int shown = 0;
        output.Append('"');
        while (shown < bytes.Length)
        {
            bool isText =
                Rune.DecodeFromUtf8(bytes[shown..], out Rune rune, out int used) == System.Buffers.OperationStatus.Done;
            if (!isText || !IsPrintable(rune))
            {
                output.Length = undo;
                return -1;
            }

            if (shown + used > shownMax)
            {
                break;
            }

            output.Append(rune.Value is '"' or '\\' ? "\\" : "").Append(rune.ToString());
            shown += used;
        }

        output.Append('"');
        return shown;
    }

    /// <summary>
    /// Whether a character shows itself and nothing else: no controls, no bidirectional overrides, no line breaks.
    /// </summary>
    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
