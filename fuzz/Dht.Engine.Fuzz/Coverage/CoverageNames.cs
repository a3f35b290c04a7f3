namespace Dht.Engine.Fuzz.Coverage;

/// <summary>The text beside an instrumented copy: the method of each counter, and the literals of the code.</summary>
internal sealed class CoverageNames
{
    private CoverageNames(IReadOnlyList<string> methods, IReadOnlyList<byte[]> literals)
    {
        Methods = methods;
        Literals = literals;
    }

    /// <summary>The method that each counter is in; those of one method lie side by side.</summary>
    public IReadOnlyList<string> Methods { get; }

    /// <summary>What the code compares with.</summary>
    public IReadOnlyList<byte[]> Literals { get; }

    /// <summary>Reads the text that belongs to a copy.</summary>
    public static CoverageNames Load(string copyPath)
    {
        string[] lines = File.ReadAllLines(copyPath + ".txt");
        return new CoverageNames(
            [.. lines.Where(static line => line[0] == 'E').Select(static line => line[2..])],
            [.. lines.Where(static line => line[0] == 'T')
                .Select(static line => Convert.FromHexString(line.AsSpan(2)))]);
    }
}
