using Mono.Cecil;

namespace Dht.Engine.Tests.Architecture;

/// <summary>Reads the compiled library and fails when a floor looks up or sideways.</summary>
public sealed class LayerTests : IDisposable
{
    private readonly ModuleDefinition _library = ModuleDefinition.ReadModule(
        Path.Combine(AppContext.BaseDirectory, "Dht.Engine.dll"));

    public void Dispose() => _library.Dispose();

    [Fact]
    public void NoFloor_LooksUpOrSideways()
    {
        string[] violations = LayerReader.Violations(_library, Floors.Library);
        Assert.True(violations.Length == 0, "The house forbids:\n" + string.Join('\n', violations));
    }

    [Fact]
    public void EveryAllowedNeighbour_IsNeeded()
    {
        var uses = LayerReader.Read(_library).Select(use => (use.From, use.To)).ToHashSet();
        Assert.All(Floors.Library.Neighbours, pair => Assert.Contains(pair, uses));
    }

    [Fact]
    public void TheChecker_SeesALookSideways()
    {
        var strict = new Floors([("Identity", 0), ("Randomness", 0), .. Others(0)], []);
        string[] violations = LayerReader.Violations(_library, strict);
        Assert.Contains(violations, v => v.StartsWith("Identity -> Randomness in ", StringComparison.Ordinal)
            && v.Contains("NodeId::Random(", StringComparison.Ordinal));
    }

    [Fact]
    public void TheChecker_SeesALookUp()
    {
        var upsideDown = new Floors([("Randomness", 2), ("Identity", 1), .. Others(0)], []);
        Assert.Contains(
            LayerReader.Violations(_library, upsideDown),
            v => v.StartsWith("Identity -> Randomness", StringComparison.Ordinal));
    }

    [Fact]
    public void TheChecker_SeesAPartWithoutAFloor()
    {
        var without = new Floors([("Identity", 1), .. Others(0)], []);
        Assert.Contains(
            LayerReader.Violations(_library, without), v => v.Contains("Randomness", StringComparison.Ordinal));
    }

    /// <summary>Each kind of use is read: the fixture below has one of each, and nothing else leads to them.</summary>
    [Theory]
    [InlineData("Base")]
    [InlineData("IFace")]
    [InlineData("InField")]
    [InlineData("InParameter")]
    [InlineData("InReturn")]
    [InlineData("InLocal")]
    [InlineData("InCall")]
    [InlineData("InStaticField")]
    [InlineData("InArgument")]
    [InlineData("InMethodArgument")]
    [InlineData("InArray")]
    [InlineData("InAttributeAttribute")]
    [InlineData("InAttributeValue")]
    [InlineData("InConstraint")]
    [InlineData("InCatch")]
    [InlineData("InPointer")]
    [InlineData("InTypeOf")]
    [InlineData("InLambda")]
    public void TheReader_SeesEveryKindOfUse(string part)
    {
        using ModuleDefinition tests = ModuleDefinition.ReadModule(typeof(LayerTests).Assembly.Location);
        Assert.Contains(LayerReader.Read(tests, PartOfFixture), use => use.From == "User" && use.To == part);
    }

    private static string? PartOfFixture(TypeReference type)
    {
        while (type.DeclaringType is { } outer && outer.Name != nameof(LayerFixture))
        {
            type = outer;
        }

        return type.DeclaringType is null ? null : type.Name;
    }

    private static IEnumerable<(string Part, int Floor)> Others(int floor) => Floors.Library.Parts
        .Where(part => part is not "Identity" and not "Randomness")
        .Select(part => (part, part.Length == 0 ? 9 : floor));
}
