using System.Reflection;
using System.Text.RegularExpressions;

namespace Dht.Engine.Tests.Architecture;

/// <summary>Each feature that docs/features.md lists has the test class that its row names.</summary>
public sealed partial class FeaturesDocumentTests
{
    private static readonly string[] Named =
    [
        .. TestClass().Matches(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs/features.md")))
            .Select(static match => match.Groups[1].Value),
    ];

    public static TheoryData<string> Names => [.. Named];

    [Theory]
    [MemberData(nameof(Names))]
    public void ARow_NamesATestClass(string name)
    {
        Type[] found = [.. typeof(FeaturesDocumentTests).Assembly.GetTypes().Where(type => type.Name == name)];
        Type type = Assert.Single(found);
        Assert.True(type is { IsPublic: true, IsAbstract: false }, name);
        Assert.Contains(
            type.GetMethods(), static method => method.GetCustomAttribute<FactAttribute>() is { Skip: null });
    }

    [Fact]
    public void TheList_IsWhole()
    {
        Assert.Equal(26, Named.Length);
        Assert.Equal(Named.Length, Named.Distinct().Count());
    }

    [GeneratedRegex(@"\| `(\w+Tests)` \|$", RegexOptions.Multiline)]
    private static partial Regex TestClass();
}
