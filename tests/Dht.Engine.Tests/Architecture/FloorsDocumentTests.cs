using System.Globalization;
using System.Text.RegularExpressions;

namespace Dht.Engine.Tests.Architecture;

/// <summary>The table of floors in CONTRIBUTING.md is the house as <see cref="Floors"/> has it.</summary>
public sealed partial class FloorsDocumentTests
{
    private const string Head = "| floor | folders |\n|---|---|\n";

    [Fact]
    public void TheTable_IsTheHouse() => Assert.Equal(
        [.. Floors.Library.Parts.Select(part => (part, Floors.Library.FloorOf(part))).Order()],
        Read(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "CONTRIBUTING.md"))));

    [Fact]
    public void TheReader_SeesEachFolder() => Assert.Equal(
        [("", Floors.Library.FloorOf("")), ("A", 2), ("B", 2), ("C", 0), ("D", -1)],
        Read($"| E | 3 |\n\n{Head}| roof | the root |\n| 2 | B, A |\n| ground | C |\n| below | D |\n\n| F | 4 |\n"));

    private static (string Part, int Floor)[] Read(string document)
    {
        int start = document.IndexOf(Head, StringComparison.Ordinal);
        Assert.True(start >= 0, "There is no table of floors.");
        string table = document[(start + Head.Length)..].Split("\n\n")[0];
        return [.. Row().Matches(table).SelectMany(RowParts).Order()];
    }

    private static IEnumerable<(string Part, int Floor)> RowParts(Match row)
    {
        string[] folders = row.Groups[2].Value.Split(", ");
        return row.Groups[1].Value switch
        {
            "roof" => [("", Floors.Library.FloorOf(""))],
            "ground" => folders.Select(static folder => (folder, 0)),
            "below" => folders.Select(static folder => (folder, -1)),
            var floor => folders.Select(folder => (folder, int.Parse(floor, CultureInfo.InvariantCulture))),
        };
    }

    [GeneratedRegex(@"^\| (\w+) \| (.+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
