using System.Text.Json;

namespace Dht.Engine.Tests.Cli;

[Collection(CliCollection.Name)]
public sealed class SignalTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task ACrawlWritesOutWhatItGathered(string signal)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var folder = new TempFolder();
        string path = folder["nodes.jsonl"];
        using DhtProcess process = DhtProcess.Start(
            "crawl", "--swarm", "20000", "--rate", "200", "--json", "--out", path);

        // A line of progress with nodes alive comes when the crawl is in full swing; at this rate it lasts minutes.
        while ((await process.WaitForErrorLineAsync("alive")).Contains("alive 0 ", StringComparison.Ordinal))
        {
            // Nobody has answered yet.
        }

        process.Signal(signal);
        DhtResult result = await process.EndAsync();

        Assert.Equal(130, result.ExitCode);
        JsonElement json = result.Json;
        Assert.False(json.GetProperty("complete").GetBoolean());
        Assert.InRange(json.GetProperty("nodesAlive").GetInt64(), 1, 19_999);
        string text = await File.ReadAllTextAsync(path);
        Assert.EndsWith("}\n", text, StringComparison.Ordinal);
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, static line => NodeLine.ParseJson(line).Check());
        Assert.Equal(json.GetProperty("nodesAlive").GetInt64(), lines.Length);
    }

    [Fact]
    public async Task ANodeSaysWhatItDid()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using DhtProcess process = DhtProcess.Start("node", "--bind", "127.0.0.1:0", "--json");
        await process.WaitForErrorLineAsync("listening ");
        process.Signal("INT");
        DhtResult result = await process.EndAsync();

        Assert.Equal(130, result.ExitCode);
        Assert.Equal(0, result.Json.GetProperty("queriesAnswered").GetInt64());
    }
}
