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

    [GeneratedRegex("^```csharp\\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
