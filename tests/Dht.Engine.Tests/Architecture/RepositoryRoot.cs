namespace Dht.Engine.Tests.Architecture;

/// <summary>The source tree that the tests were built from.</summary>
internal static class RepositoryRoot
{
    private static readonly string[] NotSource = ["bin", "obj", "BenchmarkDotNet.Artifacts", "TestResults"];

    /// <summary>The folder with the solution, above the folder that the tests run in.</summary>
    public static string Path { get; } = Find();

    /// <summary>
    /// Files of the tree whose names match, without build output and hidden folders; relative, with forward slashes.
    /// </summary>
    public static string[] Files(string folder, string pattern)
    {
        string start = System.IO.Path.Combine(Path, folder);
        return [.. Walk(new DirectoryInfo(start), pattern)
            .Select(file => System.IO.Path.GetRelativePath(Path, file.FullName).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<FileInfo> Walk(DirectoryInfo directory, string pattern) => directory.Exists
        ? directory.EnumerateFiles(pattern).Concat(directory.EnumerateDirectories()
            .Where(d => d.Name[0] != '.' && !NotSource.Contains(d.Name))
            .SelectMany(d => Walk(d, pattern)))
        : [];

    private static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(at.FullName, "Dht.Engine.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"No Dht.Engine.sln above {AppContext.BaseDirectory}.");
    }
}
