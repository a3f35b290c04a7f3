using System.Reflection;

namespace Dht.Engine.Tests.Architecture;

/// <summary>What users can see changes only on purpose: it is written down, and compared.</summary>
public class PublicSurfaceTests
{
    private const string AcceptVariable = "DHT_ACCEPT_SURFACE";

    [Theory]
    [InlineData("Dht.Engine")]
    [InlineData("Dht.Engine.Testing")]
    public void TheSurface_IsTheOneWrittenDown(string assembly)
    {
        string[] actual = PublicSurface.Render(Assembly.Load(assembly));
        string name = $"tests/Dht.Engine.Tests/Architecture/PublicSurface.{assembly}.txt";
        string path = Path.Combine(RepositoryRoot.Path, name);
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            File.WriteAllText(path, string.Concat(actual.Select(line => line + "\n")));
        }

        string[] expected = File.Exists(path) ? File.ReadAllLines(path) : [];
        string? difference = Difference(expected, actual);
        Assert.True(
            difference is null,
            $"The public surface of {assembly} is not the one in {name}:\n{difference}\n"
            + $"If that is meant, run the tests once with {AcceptVariable}=1 and commit the file.");
    }

    [Fact]
    public void ADifference_NamesWhatCameAndWhatWent()
    {
        Assert.Null(Difference(["a", "b"], ["a", "b"]));
        Assert.Equal("+ c\n- a", Difference(["a", "b"], ["b", "c"]));
    }

    [Fact]
    public void Rendering_ShowsWhatMatters()
    {
        string[] lines = PublicSurface.Render(
            typeof(SurfaceFixture<>), typeof(SurfaceFixture<>.Kind), typeof(SurfaceFixture<>.Done));
        const string Name = "Dht.Engine.Tests.Architecture.SurfaceFixture<T>";
        Assert.Equal(
            [
                $"{Name} is class of IComparable where T : struct",
                $"{Name}.Done is delegate (object? sender) -> bool",
                $"{Name}.Kind is enum byte",
                $"{Name}.Kind.const One = 1",
                $"{Name}.Kind.const Zero = 0",
                $"{Name}.Pick<TItem>(ReadOnlySpan<TItem> items, int? index = default) -> TItem"
                    + " where TItem : IDisposable",
                $"{Name}.TryGet(in Guid key, out string? value, bool deep = true) -> bool",
                $"{Name}.Weight: int {{ get; protected set; }}",
                $"{Name}.const Size: int = 20",
                $"{Name}.event Finished: Action",
                $"{Name}.new(T value)",
                $"{Name}.override ToString() -> string",
                $"{Name}.protected virtual Hook(params int[] values) -> void",
                $"{Name}.required Name: string? {{ get; init; }}",
                $"{Name}.static Make() -> SurfaceFixture<T>",
                $"{Name}.this[int index]: T {{ get; }}",
            ],
            lines);
    }

    private static string? Difference(string[] expected, string[] actual)
    {
        string[] lines =
        [
            .. actual.Except(expected).Select(line => "+ " + line),
            .. expected.Except(actual).Select(line => "- " + line),
        ];
        return lines.Length == 0 ? null : string.Join('\n', lines);
    }
}
