using Mono.Cecil;

namespace Dht.Engine.Tests.Architecture;

/// <summary>Reads the compiled library and fails when types of one floor stand in a circle.</summary>
public sealed class CircleTests : IDisposable
{
    /// <summary>The circles that stay, each with its reason.</summary>
    private static readonly string[] Allowed =
    [
        // A document is a tree: a value holds entries, which hold values; and a value builds and prints itself.
        "Dht.Engine.Bencode: BencodeBuilder, BencodeEntry, BencodePrinter, BencodeValue",

        // Parse is a member of the view that it fills, which is where a user looks for it.
        "Dht.Engine.Krpc: KrpcMessage, KrpcParser",

        // A lookup ends in the middle of an event, and its place must be free before its listener is notified.
        "Dht.Engine.Node: NodeLookup, NodeLookups",

        // A handler is called with the context, and the context calls the handler inside the guard.
        "Dht.Engine.Node: QueryContext, QueryHandler",
    ];

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
            Circles.Find(tests, NameOfFixture));
    }

    private static string? NameOfFixture(TypeReference type) =>
        type.DeclaringType?.Name == nameof(CircleFixture) ? $"Fixture.{type.Name}" : null;
}
