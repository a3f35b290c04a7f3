using System.Reflection;
using System.Text.RegularExpressions;
using Dht.Engine.Node;
using Dht.Engine.Tests.Architecture;

namespace Dht.Engine.Tests.Samples;

/// <summary>docs/extending.md shows what is compiled, all of it and only that.</summary>
public sealed partial class ExtendingDocumentTests
{
    private static readonly string[] OfOtherDocuments = ["CrawlerSample.cs", "NodeSample.cs", "SimulationSample.cs"];

    private static readonly string Document = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs/extending.md"));

    [Fact]
    public void EveryBlockOfCode_IsACompiledSample_AndEverySampleIsShown()
    {
        string[] samples =
            [.. SampleText.Files.Except(OfOtherDocuments).SelectMany(SampleText.Of).Order(StringComparer.Ordinal)];
        string[] shown =
        [
            .. Block().Matches(Document).Select(static match => match.Groups[1].Value.TrimEnd('\n'))
                .Order(StringComparer.Ordinal),
        ];
        Assert.NotEmpty(samples);
        Assert.Equal(samples, shown);
    }

    [Fact]
    public void EveryEventAndEveryBuiltInTask_IsListed()
    {
        Assert.All(
            typeof(INodeObserver).GetMethods(),
            method => Assert.Contains($"| `{method.Name}` |", Document, StringComparison.Ordinal));
        Assert.All(
            new NodeTasks().All, task => Assert.Contains($"| `{task.Name}` |", Document, StringComparison.Ordinal));
        Assert.Contains($"| `{DhtEngine.StateSaving}` |", Document, StringComparison.Ordinal);
        Assert.Contains($"| `{DhtEngine.HostResolution}` |", Document, StringComparison.Ordinal);
    }

    /// <summary>The classes that the table at the end names, and those that are there, are the same.</summary>
    [Fact]
    public void TheTableOfTests_NamesThoseThatAreThere()
    {
        string[] named =
            [.. TestClass().Matches(Document).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];
        string[] there = [.. Assembly.GetExecutingAssembly().GetTypes()
            .Where(static type => type.Namespace == "Dht.Engine.Tests.SeedParity" && type.IsPublic)
            .Where(static type => type.Name.EndsWith("Tests", StringComparison.Ordinal))
            .Select(type => type.Name).Order(StringComparer.Ordinal)];
        Assert.Equal(26, named.Distinct().Count());
        Assert.Empty(there.Except(named));
    }

    [GeneratedRegex("^```csharp\\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\| (\w+Tests) \|$", RegexOptions.Multiline)]
    private static partial Regex TestClass();
}
