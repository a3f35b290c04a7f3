using Dht.Engine.Tests.Architecture;

namespace Dht.Engine.Tests.Samples;

/// <summary>
/// The parts of a source file that documents show: what is between <c>// sample:</c> and <c>// end</c>, without
/// its indent.
/// </summary>
internal static class SampleText
{
    private const string Folder = "tests/Dht.Engine.Tests/Samples";

    public static string[] Files =>
        [.. RepositoryRoot.Files(Folder, "*Sample.cs").Select(file => Path.GetFileName(file))];

    public static string[] Of(string file)
    {
        string[] lines = File.ReadAllLines(Path.Combine(RepositoryRoot.Path, Folder, file));
        var samples = new List<string>();
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].TrimStart().StartsWith("// sample:", StringComparison.Ordinal))
            {
                int indent = lines[i].Length - lines[i].TrimStart().Length;
                IEnumerable<string> shown = lines.Skip(i + 1).TakeWhile(line => line.Trim() != "// end")
                    .Select(line => line.Length > indent ? line[indent..] : string.Empty);
                samples.Add(string.Join('\n', shown).TrimEnd('\n'));
            }
        }

        return [.. samples];
    }
}
