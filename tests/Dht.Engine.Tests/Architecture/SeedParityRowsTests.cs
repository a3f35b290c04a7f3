using System.Reflection;

namespace Dht.Engine.Tests.Architecture;

/// <summary>Each feature of the library that this engine descends from has a test class that bears its name.</summary>
public sealed class SeedParityRowsTests
{
    private static readonly string[] Rows =
    [
        "Start and stop",
        "Choose the table",
        "Ping",
        "Find node",
        "Error replies",
        "Krpc encoding",
        "Custom rpc method",
        "Request handlers",
        "Response callbacks",
        "Reply checks",
        "Call tracker",
        "Custom routing table",
        "K bucket table",
        "Mainline table",
        "Node id tools",
        "Bep42",
        "Crc32 c",
        "Bogon filter",
        "Pack and unpack",
        "External address by consensus",
        "External address by hand",
        "Join",
        "Refresh tasks",
        "Throttle",
        "Bencode",
        "Survives any datagram",
    ];

    public static TheoryData<string> Names => [.. Rows];

    [Theory]
    [MemberData(nameof(Names))]
    public void ARow_HasATestClassOfItsName(string row)
    {
        Type? type = typeof(SeedParityRowsTests).Assembly.GetType($"Dht.Engine.Tests.SeedParity.{ClassOf(row)}");
        Assert.True(type is { IsPublic: true, IsAbstract: false }, $"'{row}' has no public class {ClassOf(row)}.");
        Assert.Contains(type.GetMethods(), static method => method.GetCustomAttribute<FactAttribute>() is { Skip: null });
    }

    [Fact]
    public void ATestClassThere_BelongsToARow() => Assert.Equal(
        Rows.Select(ClassOf).Order(StringComparer.Ordinal),
        typeof(SeedParityRowsTests).Assembly.GetTypes()
            .Where(static type => type is { Namespace: "Dht.Engine.Tests.SeedParity", IsPublic: true })
            .Select(static type => type.Name)
            .Order(StringComparer.Ordinal));

    private static string ClassOf(string row) =>
        string.Concat(row.Split(' ').Select(static word => char.ToUpperInvariant(word[0]) + word[1..])) + "Tests";
}
