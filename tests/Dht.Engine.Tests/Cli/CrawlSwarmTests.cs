using System.Text.Json;

namespace Dht.Engine.Tests.Cli;

[Collection(CliCollection.Name)]
public sealed class CrawlSwarmTests
{
    private static readonly string[] Keys =
    [
        "nodesSeen", "nodesAlive", "queries", "responses", "errors", "timeouts", "malformed", "elapsedSeconds",
        "queriesPerSecond", "responsesPerSecond", "allocatedBytesPerPacket", "knownSetBytes", "peakWorkingSetBytes",
        "samples", "infoHashes", "bogonsRefused", "complete", "swarmNodes", "swarmNodesLive", "liveFound", "recall",
    ];

    [Theory]
    [InlineData("")]
    [InlineData("--dead 30")]
    [InlineData("--loss 3 --hostile 2")]
    [InlineData("--transport ring --seed 7")]
    public async Task FindsTheLiveNodesOfASwarm(string more)
    {
        string[] options = more.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        DhtResult result = await DhtProcess.RunAsync(["crawl", "--swarm", "5000", "--json", "--quiet", .. options]);

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Errors);
        JsonElement json = result.Json;
        Assert.All(Keys, key => Assert.True(json.TryGetProperty(key, out _), key));
        Assert.True(json.GetProperty("complete").GetBoolean());
        Assert.Equal(5000, json.GetProperty("swarmNodes").GetInt32());
        Assert.True(json.GetProperty("recall").GetDouble() >= 0.999, result.Output);
        Assert.True(json.GetProperty("nodesAlive").GetInt64() >= json.GetProperty("liveFound").GetInt64());
        Assert.True(json.GetProperty("queriesPerSecond").GetDouble() > 0);
    }

    [Fact]
    public async Task TellsPeopleTheRecall()
    {
        DhtResult result = await DhtProcess.RunAsync("crawl", "--swarm", "1000", "--quiet");

        Assert.Equal(0, result.ExitCode);
        Assert.EndsWith("found 1,000 of 1,000 live nodes (100 %)\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StopsWhenEnoughNodesAreFound()
    {
        DhtResult result = await DhtProcess.RunAsync(
            "crawl", "--swarm", "5000", "--json", "--quiet", "--max-nodes", "500");

        Assert.Equal(0, result.ExitCode);
        Assert.False(result.Json.GetProperty("complete").GetBoolean());
        Assert.InRange(result.Json.GetProperty("nodesAlive").GetInt64(), 500, 4999);
    }

    [Fact]
    public async Task StopsWhenTheTimeIsUp()
    {
        DhtResult result = await DhtProcess.RunAsync(
            "crawl", "--swarm", "5000", "--json", "--quiet", "--rate", "100", "--duration", "1");

        Assert.Equal(0, result.ExitCode);
        Assert.False(result.Json.GetProperty("complete").GetBoolean());
        Assert.InRange(result.Json.GetProperty("queries").GetInt64(), 1, 1000);
    }

    [Fact]
    public async Task WritesOneJsonLineForEachNodeAlive()
    {
        using var folder = new TempFolder();
        string path = folder["nodes.jsonl"];
        DhtResult result = await DhtProcess.RunAsync(
            "crawl", "--swarm", "5000", "--json", "--quiet", "--dead", "10", "--out", path);

        Assert.Equal(0, result.ExitCode);
        string[] lines = await File.ReadAllLinesAsync(path);
        Assert.Equal(result.Json.GetProperty("nodesAlive").GetInt64(), lines.Length);
        Assert.Equal(lines.Length, lines.Select(NodeLine.ParseJson).Select(static node => node.Ip).Distinct().Count());
        Assert.All(lines, static line => NodeLine.ParseJson(line).Check());
    }

    [Fact]
    public async Task WritesOneCsvRowForEachNodeAlive()
    {
        using var folder = new TempFolder();
        string path = folder["nodes.CSV"];
        DhtResult result = await DhtProcess.RunAsync("crawl", "--swarm", "5000", "--json", "--quiet", "--out", path);

        Assert.Equal(0, result.ExitCode);
        string text = await File.ReadAllTextAsync(path);
        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        string[] lines = text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("id,ip,port,rttMs,version,firstSeen,lastSeen", lines[0]);
        Assert.Equal(result.Json.GetProperty("nodesAlive").GetInt64(), lines.Length - 1);
        Assert.All(lines.Skip(1), static line => NodeLine.ParseCsv(line).Check());
    }

    [Fact]
    public async Task ReportsProgressWhenItIsNotQuiet()
    {
        // At this rate it would last minutes; it is ended as soon as it has spoken.
        using DhtProcess process = DhtProcess.Start("crawl", "--swarm", "5000", "--rate", "50", "--json");
        string line = await process.WaitForErrorLineAsync("alive");

        Assert.Contains("recall", line, StringComparison.Ordinal);
        Assert.Contains("queries/s", line, StringComparison.Ordinal);
    }
}
