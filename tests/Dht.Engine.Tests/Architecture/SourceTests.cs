using System.Text.RegularExpressions;

namespace Dht.Engine.Tests.Architecture;

/// <summary>Rules of the house that no analyser checks.</summary>
public partial class SourceTests
{
    private const int LinesMax = 400;

    private static readonly string[] MayBeLonger = [];

    // Top-level statements and module attributes have no type to be named after.
    private static readonly string[] WithoutType =
        ["src/Dht.Cli/Program.cs", "src/Dht.Engine/Properties/ModuleAttributes.cs"];

    private static readonly string[] CodeFolders = ["src", "tests", "bench", "fuzz", "tools"];

    // Joined here, so that this file does not hold them.
    private static readonly string[] UnfinishedMarks = ["TO" + "DO", "HA" + "CK", "FIX" + "ME"];

    [Fact]
    public void AFileUnderSrc_HoldsOneTypeAndBearsItsName()
    {
        var wrong = new List<string>();
        foreach (string file in RepositoryRoot.Files("src", "*.cs").Except(WithoutType))
        {
            string[] types = TopLevelTypes(Read(file));
            string name = Path.GetFileName(file).Split('.')[0];
            if (types.Length != 1 || types[0] != name)
            {
                wrong.Add($"{file}: {(types.Length == 0 ? "no type" : string.Join(", ", types))}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Files_StayBelow400Lines()
    {
        string[] wrong = [.. CodeFolders.SelectMany(folder => RepositoryRoot.Files(folder, "*.cs"))
            .Except(MayBeLonger)
            .Select(file => (file, lines: Read(file).AsSpan().Count('\n')))
            .Where(entry => entry.lines >= LinesMax)
            .Select(entry => $"{entry.file}: {entry.lines} lines")];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void NoFile_MentionsUnfinishedWork()
    {
        var mark = new Regex($@"\b({string.Join('|', UnfinishedMarks)})\b");
        string[] wrong = [.. CodeFolders.SelectMany(folder => RepositoryRoot.Files(folder, "*.cs"))
            .Concat(RepositoryRoot.Files("", "*.md"))
            .Where(file => mark.IsMatch(Read(file)))];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void RelativeLinksOfDocuments_PointToExistingFiles()
    {
        string[] wrong = [.. RepositoryRoot.Files("", "*.md")
            .SelectMany(file => BrokenLinks(file).Select(link => $"{file}: {link}"))];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("namespace A;\npublic sealed partial class Foo<T>\n{\n    private class Inner\n}\n", "Foo")]
    [InlineData(
        "public readonly record struct Foo(int X);\ninternal delegate Bar<T> Baz<T>(int x);\nfile static class Qux",
        "Foo,Baz,Qux")]
    [InlineData(
        "internal ref struct Foo\nenum Bar : byte\npublic unsafe interface IBaz\nrecord class Rec\n",
        "Foo,Bar,IBaz,Rec")]
    [InlineData("// class Foo\n/// record\n", "")]
    public void TheSearchForTypes_FindsThem(string source, string names) =>
        Assert.Equal(names, string.Join(',', TopLevelTypes(source)));

    [Fact]
    public void TheSearchForLinks_SeesABrokenOne()
    {
        Assert.Equal(
            ["no/such.md"],
            Broken("README.md", "[a](no/such.md) [b](https://example.org/x) [c](#here) [d](Dht.Engine.sln#x)"));
        Assert.Equal(
            ["../x.md"],
            Broken(
                "docs/a.md",
                "![i](../x.md \"title\") [s](../Dht.Engine.sln) `[z](none.md)`\n```\n[y](none.md)\n```\n"));
    }

    private static IEnumerable<string> BrokenLinks(string file) => Broken(file, Read(file));

    private static IEnumerable<string> Broken(string file, string text)
    {
        string folder = Path.Combine(RepositoryRoot.Path, Path.GetDirectoryName(file)!);
        return Link().Matches(Code().Replace(text, ""))
            .Select(match => match.Groups[1].Value)
            .Where(link => !link.Contains("://", StringComparison.Ordinal))
            .Where(link => !link.StartsWith("mailto:", StringComparison.Ordinal))
            .Select(link => link.Split('#')[0])
            .Where(link => link.Length > 0 && !Path.Exists(Path.Combine(folder, Uri.UnescapeDataString(link))));
    }

    private static string[] TopLevelTypes(string source) =>
        [.. Declaration().Matches(source).Select(match => match.Groups[1].Value)];

    private static string Read(string file) => File.ReadAllText(Path.Combine(RepositoryRoot.Path, file));

    // File-scoped namespaces put top-level types at the start of a line, and only them.
    [GeneratedRegex(
        @"^(?:(?:public|internal|file|static|sealed|abstract|readonly|ref|partial|unsafe)\s+)*"
        + @"(?:(?:record\s+(?:struct|class)|record|class|struct|interface|enum)\s+|delegate\s+[^(]*?\s)"
        + @"(\w+)\s*(?=[<({:;\s]|$)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\]\(<?([^)\s>]+)>?(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();
}
