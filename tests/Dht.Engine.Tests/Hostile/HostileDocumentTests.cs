using System.Reflection;
using System.Text.RegularExpressions;
using Dht.Engine.Tests.Architecture;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// Documents name only tests that exist, and every class of this folder is in one of them.
/// </summary>
public sealed partial class HostileDocumentTests
{
    private static readonly Type[] Types = typeof(HostileDocumentTests).Assembly.GetTypes();

    public static TheoryData<string> Documents => ["docs/hostile.md", "SECURITY.md"];

    [Theory]
    [MemberData(nameof(Documents))]
    public void ATestThatADocumentNames_Exists(string document)
    {
        string text = Read(document);
        string[] missing =
        [
            .. TestName().Matches(text)
                .Where(static match => !Exists(match.Groups[1].Value, match.Groups[2].Value))
                .Select(static match => match.Value),
        ];
        Assert.True(missing.Length == 0, $"{document}: {string.Join(", ", missing)}");
        Assert.NotEmpty(TestName().Matches(text));
    }

    [Fact]
    public void ARowOfTheTable_NamesATest()
    {
        string[] rows =
            [.. Read("docs/hostile.md").Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal)
                && !line.StartsWith("| input", StringComparison.Ordinal))];
        Assert.True(rows.Length > 40, $"only {rows.Length} rows");
        Assert.All(rows, static row => Assert.Matches(TestName(), row));
    }

    [Fact]
    public void ATestHere_StandsInTheTable()
    {
        string text = Read("docs/hostile.md");
        string[] missing =
            [.. Types.Where(static type => type is { Namespace: "Dht.Engine.Tests.Hostile", IsPublic: true }
                && type != typeof(HostileDocumentTests))
            .SelectMany(static type => type.GetMethods()
                .Where(static method => method.GetCustomAttribute<FactAttribute>() != null)
                .Select(method => $"{type.Name}.{method.Name}"))
            .Where(name => !text.Contains($"`{name}`", StringComparison.Ordinal))];
        Assert.True(missing.Length == 0, string.Join('\n', missing));
    }

    [Fact]
    public void TheSearch_SeesANameThatIsNone()
    {
        Assert.True(Exists("HostileBencodeTests", nameof(HostileBencodeTests.TenThousandTokens_AreSteppedOver)));
        Assert.False(Exists("HostileBencodeTests", "NoSuchTest"));
        Assert.False(Exists("NoSuchTests", null!));
        Assert.Equal(
            ["`EnvelopeTests`", "`EnvelopeTests.Foo_Bar`"],
            TestName().Matches("`EnvelopeTests` EnvelopeTests `EnvelopeTests.Foo_Bar` `x`").Select(
                static match => match.Value));
    }

    private static bool Exists(string type, string method) => Types.Any(found =>
        found.Name == type && (string.IsNullOrEmpty(method)
            || found.GetMethod(method)?.GetCustomAttribute<FactAttribute>() is { Skip: null }));

    private static string Read(string document) => File.ReadAllText(Path.Combine(RepositoryRoot.Path, document));

    [GeneratedRegex(@"`(\w+Tests)(?:\.(\w+))?`")]
    private static partial Regex TestName();
}
