using Mono.Cecil;

namespace Dht.Engine.Tests.Architecture;

/// <summary>Reads the compiled library and fails when types of one floor stand in a circle.</summary>
public sealed class CircleTests : IDisposable
{
    /// <summary>The circles that stay, each with its reason.</summary>
    private static readonly string[] Allowed = [];

    private readonly ModuleDefinition _library = ModuleDefinition.ReadModule(
        Path.Combine(AppContext.BaseDirectory, "Dht.Engine.dll"));

    public void Dispose() => _library.Dispose();

    [Fact]
    public void NoTypesOfAFloor_StandInACircle()
    {
        string[] found = Circles.Find(_library, Circles.OutermostName);
        Assert.True(
            found.SequenceEqual(Allowed), "These types use each other in a circle:\n" + string.Join('\n', found));
    }

    [Fact]
    public void TheSearch_FindsACircle()
    {
        using ModuleDefinition tests = ModuleDefinition.ReadModule(typeof(CircleTests).Assembly.Location);
        Assert.Equal(
            ["Fixture: IFirst, Second, Third"],
            Circles.Find(
                tests, type => type.DeclaringType?.Name == nameof(CircleFixture) ? $"Fixture.{type.Name}" : null));
    }
}
