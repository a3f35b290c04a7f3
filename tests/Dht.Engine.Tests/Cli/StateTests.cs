using System.Text.Json;

namespace Dht.Engine.Tests.Cli;

/// <summary>The option <c>--state</c>.</summary>
[Collection(CliCollection.Name)]
public sealed class StateTests
{
    private const string Target = LoopbackDht.InfoHashText;

    [Fact]
    public async Task ANodeIsTheSameTheNextTime_AndNeedsNoBootstrap()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var folder = new TempFolder();
        await using LoopbackDht dht = await LoopbackDht.StartAsync(3);
        string[] state = ["--state", folder["node.state"]];

        JsonElement first = await RunUntilJoinedAsync(["node", .. dht.Arguments, .. state]);
        JsonElement second = await RunUntilJoinedAsync(
            ["node", "--bind", "127.0.0.1:0", "--allow-loopback", "--no-throttle", .. state]);
        DhtResult lookup = await DhtProcess.RunAsync(
            ["find-node", Target, "--bind", "127.0.0.1:0", "--allow-loopback", "--no-throttle", "--quiet", .. state]);

        Assert.Equal(first.GetProperty("id").GetString(), second.GetProperty("id").GetString());
        Assert.True(second.GetProperty("contacts").GetInt32() > 0);
        Assert.Equal(0, lookup.ExitCode);
        Assert.NotEmpty(lookup.Output);
        Assert.Equal(
            [folder["node.state"], folder["node.state.lock"]],
            Directory.GetFiles(Path.GetDirectoryName(folder["node.state"])!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ALookupKeepsItsState()
    {
        using var folder = new TempFolder();
        await using LoopbackDht dht = await LoopbackDht.StartAsync(3);
        string[] state = ["--state", folder["lookup.state"], "--quiet"];

        DhtResult first = await DhtProcess.RunAsync(["find-node", Target, .. dht.Arguments, .. state]);
        DhtResult second = await DhtProcess.RunAsync(
            ["find-node", Target, "--bind", "127.0.0.1:0", "--allow-loopback", "--no-throttle", .. state]);

        Assert.Equal(0, first.ExitCode);
        Assert.Equal(0, second.ExitCode);
        Assert.Empty(second.Errors);
    }

    [Theory]
    [InlineData("node --bind 127.0.0.1:0 --duration 0.2")]
    [InlineData("find-node HASH")]
    public async Task ADamagedFile_IsWarnedOf_AndTheRunGoesOn(string command)
    {
        using var folder = new TempFolder();
        await using LoopbackDht dht = await LoopbackDht.StartAsync(1);
        string path = folder["node.state"];
        await File.WriteAllTextAsync(path, "DhtState");
        string[] network = command.StartsWith("node", StringComparison.Ordinal) ? [] : dht.Arguments;
        DhtResult result = await DhtProcess.RunAsync(
        [
            .. command.Replace("HASH", Target, StringComparison.Ordinal).Split(' '),
            .. network, "--quiet", "--state", path, "--log", "info",
        ]);

        Assert.Equal(0, result.ExitCode);
        string told = $"The state at {path} cannot be used: ";
        Assert.Single(result.ErrorLines, line => line.StartsWith($"dht: warning: {told}", StringComparison.Ordinal));
        Assert.Single(result.ErrorLines, line => line.Contains($" warning [22] {told}", StringComparison.Ordinal));
        Assert.Equal(2, result.ErrorLines.Count(line => line.Contains(told, StringComparison.Ordinal)));
        Assert.True(File.Exists(path + ".damaged"));
        Assert.True(File.Exists(path));
    }

    [Theory]
    [InlineData("node --bind 127.0.0.1:0")]
    [InlineData("get-peers HASH --bootstrap 127.0.0.1:9 --allow-loopback")]
    public async Task AFileThatCannotBeRead_IsAFailure(string command)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["node.state"]);
        DhtResult result = await DhtProcess.RunAsync(
            [.. command.Replace("HASH", Target, StringComparison.Ordinal).Split(' '), "--state", folder["node.state"]]);

        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        string line = Assert.Single(
            result.ErrorLines, static line => line.StartsWith("dht: ", StringComparison.Ordinal));
        Assert.Contains("cannot be read: it is a folder", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFileThatCannotBeWritten_IsAFailureAtTheEnd()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["gone"]);
        string path = Path.Combine(folder["gone"], "node.state");
        using DhtProcess process = DhtProcess.Start("node", "--bind", "127.0.0.1:0", "--state", path, "--json");
        await process.WaitForErrorLineAsync("listening ");
        Directory.Delete(folder["gone"], recursive: true);
        process.Signal("INT");
        DhtResult result = await process.EndAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(
            result.ErrorLines,
            line => line.StartsWith($"dht: The state at {path} cannot be written: ", StringComparison.Ordinal));
        Assert.Equal(0, result.Json.GetProperty("contacts").GetInt32());
    }

    [Fact]
    public async Task ANodeTellsWhyItIsAlone_AndWhenItHasJoined()
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(2);
        using DhtProcess joined = DhtProcess.Start(["node", .. dht.Arguments, "--table", "mainline"]);
        await joined.WaitForErrorLineAsync("joined after ");
        Assert.Contains("contacts 2 ", await joined.WaitForErrorLineAsync("lookups "), StringComparison.Ordinal);

        using DhtProcess alone = DhtProcess.Start("node", "--bind", "127.0.0.1:0");
        await alone.WaitForErrorLineAsync(
            "nobody is known; name nodes with --bootstrap; trying again from time to time, and waiting to be found "
                + "by others");
    }

    private static async Task<JsonElement> RunUntilJoinedAsync(string[] arguments)
    {
        using DhtProcess process = DhtProcess.Start([.. arguments, "--json"]);
        await process.WaitForErrorLineAsync("joined after ");
        process.Signal("INT");
        DhtResult result = await process.EndAsync();
        Assert.Equal(130, result.ExitCode);
        return result.Json;
    }
}
