using Dht.Engine.Randomness;

namespace Dht.Engine.Fuzz.Corpus;

/// <summary>A folder of inputs, one in each file, named after what is in it.</summary>
internal sealed class CorpusFolder(string path)
{
    private const string Extension = ".bin";

    /// <summary>Where it is.</summary>
    public string FullPath { get; } = Path.GetFullPath(path);

    /// <summary>The committed inputs of a target.</summary>
    public static CorpusFolder Of(IFuzzTarget target) =>
        new(Path.Combine(Root(), "fuzz", "Dht.Engine.Fuzz", "Corpora", target.Name));

    /// <summary>A name that follows from the content.</summary>
    public static string NameOf(ReadOnlySpan<byte> input)
    {
        ulong hash = (ulong)input.Length;
        foreach (byte value in input)
        {
            hash = SeededRandomSource.Mix(hash ^ value);
        }

        return hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>All inputs in the order of their names; none if there is no such folder.</summary>
    public IReadOnlyList<byte[]> Load() => Directory.Exists(FullPath)
        ? [.. Directory.EnumerateFiles(FullPath, "*" + Extension).Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes)]
        : [];

    /// <summary>Adds an input; nothing happens if it is there.</summary>
    public void Save(byte[] input)
    {
        Directory.CreateDirectory(FullPath);
        File.WriteAllBytes(PathOf(input), input);
    }

    /// <summary>Keeps these inputs and no others.</summary>
    public void Replace(IReadOnlyCollection<byte[]> inputs)
    {
        foreach (byte[] input in inputs)
        {
            Save(input);
        }

        HashSet<string> kept = [.. inputs.Select(PathOf)];
        foreach (string file in Directory.Exists(FullPath) ? Directory.GetFiles(FullPath, "*" + Extension) : [])
        {
            if (!kept.Contains(file))
            {
                File.Delete(file);
            }
        }
    }

    private string PathOf(byte[] input) => Path.Combine(FullPath, NameOf(input) + Extension);

    private static string Root()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Dht.Engine.sln")))
        {
            at = at.Parent;
        }

        return at?.FullName ?? Environment.CurrentDirectory;
    }
}
