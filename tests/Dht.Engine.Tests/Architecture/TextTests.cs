using System.Text.RegularExpressions;

namespace Dht.Engine.Tests.Architecture;

/// <summary>Lines are not too long to be read, and what they say is plain English.</summary>
public sealed partial class TextTests
{
    private const int ColumnsMax = 120;

    private static readonly string[] MayBeWider = [];

    /// <summary>
    /// Phrases that are not English, or mean something else; CONTRIBUTING.md says what to write instead. A space
    /// matches any white space, the end of a line too.
    /// </summary>
    private static readonly string[] HardToRead =
    [
        @"(?<!\bthere )(?:is|are) none",
        "would else",
        "(?:told|tells?|telling) of",
        "seldom",
        "(?:how )?manieth",
        "(?:had|believed) for nothing",
        "on (?:somebody|one)'s word",
        "to and fro",
        "anew",
        "bears",
        "stands? twice",
        @"wherever \w+ stands?",
        "behind the last",
        "whoever (?:answers|asks|lives|names|is at|is next)",
        @"as many(?: \w+){0,4} as may be",
        "draws? (?:no )?lots",
        "(?:he|him|his)",
    ];

    private static readonly Regex Phrase = new(
        $@"\b(?:{string.Join('|', HardToRead).Replace(" ", @"\s+", StringComparison.Ordinal)})\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    [Fact]
    public void Lines_StayWithin120Columns()
    {
        string[] wrong = [.. RepositoryRoot.Files("", "*.cs").Concat(RepositoryRoot.Files("", "*.md"))
            .Except(MayBeWider)
            .SelectMany(file => TooWide(file, Read(file)))];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void NoText_UsesAPhraseThatIsHardToRead()
    {
        string[] wrong = [.. RepositoryRoot.Files("src", "*.cs").Concat(RepositoryRoot.Files("", "*.md"))
            .SelectMany(file => Unclear(file, Read(file)))];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void TheRuler_SeesALongLine()
    {
        string wide = new('x', ColumnsMax + 1);
        string text = $"{wide[1..]}\r\n{wide}\n|{wide}|\n";
        Assert.Equal(["a.md:2: 121 columns"], TooWide("a.md", text));
        Assert.Equal(["a.cs:2: 121 columns", "a.cs:3: 123 columns"], TooWide("a.cs", text));
    }

    [Theory]
    [InlineData("a.cs", "int i; // Whoever\n    // answers.", "a.cs:1: Whoever answers")]
    [InlineData("a.cs", "/// <summary>It would\n/// else be told of.", "a.cs:1: would else, a.cs:2: told of")]
    [InlineData("a.cs", "string his = \"seldom\";\n// There is none.\nint anew;", "")]
    [InlineData("a.cs", "/// Told\nint i;\n/// of it.", "")]
    [InlineData("a.md", "A node is\nnone that he asks\nseldom.", "a.md:1: is none, a.md:2: he, a.md:3: seldom")]
    [InlineData("a.md", "There is\nnone, and other bearers would bear this.", "")]
    [InlineData("CONTRIBUTING.md", "Tell it anew.\n| seldom | rarely |", "CONTRIBUTING.md:1: anew")]
    public void TheReader_SeesPhrases(string file, string text, string found) =>
        Assert.Equal(found, string.Join(", ", Unclear(file, text)));

    private static IEnumerable<string> TooWide(string file, string text) => Lines(text)
        .Select((line, index) => (line, number: index + 1))
        .Where(entry => entry.line.Length > ColumnsMax && !(IsDocument(file) && IsTableRow(entry.line)))
        .Select(entry => $"{file}:{entry.number}: {entry.line.Length} columns");

    private static IEnumerable<string> Unclear(string file, string text)
    {
        string prose = string.Join('\n', Lines(text).Select(line => Prose(file, line)));
        return Phrase.Matches(prose).Select(match =>
            $"{file}:{prose.AsSpan(0, match.Index).Count('\n') + 1}: {WhiteSpace().Replace(match.Value, " ")}");
    }

    /// <summary>What a line says to people. A sign for the rest, so that no phrase reaches over it.</summary>
    private static string Prose(string file, string line)
    {
        // The glossary names what it forbids.
        bool isGlossary = file == "CONTRIBUTING.md" && IsTableRow(line);
        return isGlossary ? "-" : IsDocument(file) ? line
            : Comment().Match(line) is { Success: true } comment ? comment.Groups[1].Value : "-";
    }

    private static bool IsDocument(string file) => file.EndsWith(".md", StringComparison.Ordinal);

    private static bool IsTableRow(string line) => line.StartsWith('|');

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").Split('\n');

    private static string Read(string file) => File.ReadAllText(Path.Combine(RepositoryRoot.Path, file));

    [GeneratedRegex(@"(?:^|\s)///?(?:\s+(.*))?$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
