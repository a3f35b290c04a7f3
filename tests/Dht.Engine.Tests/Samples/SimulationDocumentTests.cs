using System.Text.RegularExpressions;
using Dht.Engine.Tests.Architecture;

namespace Dht.Engine.Tests.Samples;

/// <summary>docs/simulation.md shows what is compiled, all of it and only that, and it does what it says.</summary>
public sealed partial class SimulationDocumentTests
{
    [Fact]
    public void EveryBlockOfCode_IsACompiledSample_AndEverySampleIsShown()
    {
        string document = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs/simulation.md"));
        IEnumerable<string> shown = Block().Matches(document).Select(
            static match => match.Groups[1].Value.TrimEnd('\n'));
        Assert.Equal(SampleText.Of("SimulationSample.cs"), shown);
    }

    [Fact]
    public void TenNodes_ReportWhatIsLeftAfterHalfOfThemDie() => SimulationSample.KillHalf();

    [Fact]
    public void Weather_RepeatsItself() => Assert.Equal(SimulationSample.Weather(9), SimulationSample.Weather(9));

    [Fact]
    public void ANodeOfYours_IsWatched() => Assert.Equal(20, SimulationSample.Watch());

    [Fact]
    public void AScriptedNode_AnswersAsWritten() => Assert.Equal(1, SimulationSample.Script());

    /// <summary>The answer, and the ping that verifies the sender.</summary>
    [Fact]
    public void AForgedQuery_BringsItsVictimTwoDatagrams() => Assert.Equal(2, SimulationSample.Forge());

    [Fact]
    public void ACrawl_FindsAllThatAnswer() => Assert.Equal(100, SimulationSample.Crawl());

    [GeneratedRegex("^```csharp\\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
