using System.Text.RegularExpressions;
using Dht.Engine.Fuzz.Canary;

namespace Dht.Engine.Tests.Fuzz;

/// <summary>Guided runs, each in a process of its own over instrumented code.</summary>
public sealed partial class GuidedRunTests
{
    private const string Inputs = "3000000";

    [Fact]
    public async Task AGuidedRun_FindsThePlantedFault()
    {
        (int exitCode, string output) = await FuzzProcess.Run("canary", "--inputs", Inputs, "--seed", "1");
        Assert.True(exitCode == 1, output);
        Assert.Contains(CanaryParser.FaultName, output, StringComparison.Ordinal);
        Assert.Contains("--replay", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABlindRun_DoesNot()
    {
        (int exitCode, string output) = await FuzzProcess.Run("canary", "--inputs", Inputs, "--seed", "1", "--blind");
        Assert.True(exitCode == 0, output);
        Assert.Contains("no failure", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSameSeed_MakesTheSameRun()
    {
        string first = await Figures();
        string second = await Figures();
        Assert.Equal(first, second);
    }

    private static async Task<string> Figures()
    {
        (int exitCode, string output) =
            await FuzzProcess.Run("krpc", "--inputs", "20000", "--seed", "9", "--corpus", "empty", "--save");
        Assert.True(exitCode == 0, output);
        Match figures = FiguresPattern().Match(output);
        Assert.True(figures.Success, output);
        return figures.Value;
    }

    [GeneratedRegex(@"corpus \d+, edges \d+ of \d+, features \d+")]
    private static partial Regex FiguresPattern();
}
