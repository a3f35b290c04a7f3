using System.Globalization;
using Dht.Engine.Fuzz;
using Dht.Tools.Arguments;

namespace Dht.Engine.Tests.Fuzz;

public sealed class FuzzArgumentsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dht-arguments-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ATargetAlone_RunsForAMinute()
    {
        FuzzOptions options = Read("krpc")!;
        Assert.Equal("krpc", options.Target.Name);
        Assert.Equal((60, null, null, null), (options.Seconds, options.Inputs, options.CorpusPath, options.ReplayPath));
        Assert.False(options.IsSaving || options.IsReporting || options.IsMinimising || options.IsBlind);
        Assert.True(options.IsGuided);
    }

    [Fact]
    public void EveryOption_IsRead()
    {
        FuzzOptions run =
            Read(
                "node", "--inputs", "9000000000", "--seed", "18446744073709551615", "--corpus", "c", "--save",
                "--report")!;
        Assert.Equal(
            ("node", 9_000_000_000L, ulong.MaxValue, "c"),
            (run.Target.Name, run.Inputs!.Value, run.Seed, run.CorpusPath));
        Assert.True(run is { IsSaving: true, IsReporting: true });
        Assert.Equal(5, Read("krpc", "--seconds", "5")!.Seconds);
        Assert.True(Read("krpc", "--minimise", "--corpus", Path.GetTempPath())!.IsMinimising);
        Assert.False(Read("canary", "--blind")!.IsGuided);
        Assert.Null(Read("--list"));
    }

    [Fact]
    public void AnInputToReplay_MustBeThereAndFit()
    {
        string file = Path.Combine(_folder, "input");
        Assert.Contains("no such file", Complaint("krpc", "--replay", file), StringComparison.Ordinal);
        File.WriteAllBytes(file, new byte[GuardedInput.LengthMax + 1]);
        Assert.Contains("longer", Complaint("krpc", "--replay", file), StringComparison.Ordinal);
        File.WriteAllBytes(file, new byte[GuardedInput.LengthMax]);
        FuzzOptions options = Read("krpc", "--replay", file)!;
        Assert.Equal((file, false), (options.ReplayPath, options.IsGuided));
    }

    [Theory]
    [InlineData("", "a target is missing")]
    [InlineData("--seconds 5", "a target is missing")]
    [InlineData("krcp", "unknown target 'krcp'")]
    [InlineData("krpc node", "unknown argument 'node'")]
    [InlineData("krpc --sceonds 5", "unknown option '--sceonds'")]
    [InlineData("--sceonds krpc", "unknown option '--sceonds'")]
    [InlineData("krpc --corpus no-such-folder", "there is no folder 'no-such-folder'")]
    [InlineData("krpc --seconds", "--seconds needs a value")]
    [InlineData("krpc --seconds 1 --seconds 2", "--seconds is given more than once")]
    [InlineData("krpc --seconds -1", "--seconds takes a whole number from 0 to 2147483647, not '-1'")]
    [InlineData("krpc --seconds 1.5", "--seconds takes a whole number")]
    [InlineData("krpc --inputs 9223372036854775808", "--inputs takes a whole number from 0 to 9223372036854775807")]
    [InlineData("krpc --seed 18446744073709551616", "--seed takes a whole number from 0 to 18446744073709551615")]
    [InlineData("krpc --seed x", "--seed takes a whole number")]
    [InlineData("krpc --corpus=", "--corpus")]
    [InlineData("krpc --seconds 1 --inputs 1", "--seconds and --inputs")]
    [InlineData("krpc --replay f --minimise", "--replay")]
    [InlineData("krpc --blind --save", "--blind sees no coverage")]
    [InlineData("krpc --blind --report", "--blind sees no coverage")]
    [InlineData("krpc --blind --minimise", "--blind sees no coverage")]
    [InlineData("krpc --list", "--list stands alone")]
    [InlineData("--list --save", "--list stands alone")]
    public void WhatIsWrong_IsToldInOneLine(string line, string expected)
    {
        string complaint = Complaint(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(expected, complaint, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', complaint);
    }

    [Fact]
    public async Task TheProgram_SaysWhatItCanDo()
    {
        (int exitCode, string output) = await FuzzProcess.Run("--list");
        Assert.Equal(0, exitCode);
        string[] names = [.. FuzzTargets.CreateAll().Where(static target => !target.IsPlanted).Select(
            static target => target.Name)];
        Assert.Equal(names, output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        (exitCode, output) = await FuzzProcess.Run("--help");
        Assert.Equal(0, exitCode);
        Assert.All(
            (string[])[
                "--list", "--seconds", "--inputs", "--seed", "--corpus", "--save", "--report", "--blind",
                "--minimise", "--replay",
            ],
            Names);
        (exitCode, output) = await FuzzProcess.Run("krpc", "--seconds", "soon");
        Assert.Equal(2, exitCode);
        Assert.Equal(
            "fuzz: --seconds takes a whole number from 0 to 2147483647, not 'soon' (see fuzz --help)", output.Trim());

        void Names(string option) => Assert.Contains(option, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnInputThatPasses_IsReplayed()
    {
        string file = Path.Combine(_folder, "input");
        File.WriteAllBytes(file, "de"u8);
        (int exitCode, string output) = await FuzzProcess.Run("krpc", "--replay", file);
        Assert.True(exitCode == 0, output);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"krpc: {file} passes"), output.Trim());
    }

    private static FuzzOptions? Read(params string[] line)
    {
        FuzzArguments arguments = new(FuzzTargets.CreateAll());
        System.CommandLine.ParseResult parsed = CommandLineDoor.Parse(arguments.Root, line);
        Assert.Empty(parsed.Errors);
        return arguments.Read(parsed);
    }

    private static string Complaint(params string[] line)
    {
        FuzzArguments arguments = new(FuzzTargets.CreateAll());
        System.CommandLine.ParseResult parsed = CommandLineDoor.Parse(arguments.Root, line);
        Assert.NotEmpty(parsed.Errors);
        return CommandLineDoor.Complaint(parsed);
    }
}
