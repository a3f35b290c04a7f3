using System.Globalization;

namespace Dht.Cli.Joining;

/// <summary>What a node says when it does not answer a query.</summary>
/// <param name="Code">201 and 202 ask us to come later, the others say what is wrong with the query (BEP 5).</param>
/// <param name="Text">The node's own words: whatever strangers may have thought of.</param>
internal readonly record struct ErrorReply(int Code, string Text)
{
    private const int TextMax = 80;

    /// <summary>Whether the same query may be answered a while later.</summary>
    public bool IsForNow => Code is 0 or 201 or 202;

    /// <summary>The code and what can be printed of the text.</summary>
    public override string ToString()
    {
        string text = string.Concat(Text.Where(static c => c is >= ' ' and < '\x7F').Take(TextMax)).Trim();
        string code = Code.ToString(CultureInfo.InvariantCulture);
        return text.Length > 0 ? $"error {code} ({text})" : $"error {code}";
    }
}
