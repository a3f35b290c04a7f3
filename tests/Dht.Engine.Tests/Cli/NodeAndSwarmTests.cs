using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dht.Engine.Tests.Cli;

[Collection(CliCollection.Name)]
public sealed partial class NodeAndSwarmTests
{
    private static readonly string[] NodeKeys =
        ["queriesAnswered", "malformed", "throttled", "contacts", "allocatedBytesPerPacket", "elapsedSeconds"];

    [Fact]
    public async Task ANodeAnswersAPing()
    {
        using DhtProcess node = DhtProcess.Start("node", "--bind", "127.0.0.1:0", "--allow-loopback", "--json");
        Match line = Listening().Match(await node.WaitForErrorLineAsync("listening "));
        Assert.True(line.Success);
        string address = line.Groups["address"].Value;

        DhtResult asJson = await DhtProcess.RunAsync("ping", address, "--allow-loopback", "--json");
        DhtResult asText = await DhtProcess.RunAsync("ping", address, "--allow-loopback", "--transport", "ring");

        Assert.Equal(0, asJson.ExitCode);
        Assert.Empty(asJson.Errors);
        Assert.Equal(line.Groups["id"].Value, asJson.Json.GetProperty("id").GetString());
        Assert.InRange(asJson.Json.GetProperty("rttMs").GetDouble(), 0.001, 10_000);
        Assert.Equal("DE0001", asJson.Json.GetProperty("version").GetString());
        Assert.Equal(0, asText.ExitCode);
        Assert.Contains(line.Groups["id"].Value, asText.Output, StringComparison.Ordinal);

        if (OperatingSystem.IsWindows())
        {
            return;
        }

        node.Signal("INT");
        DhtResult end = await node.EndAsync();
        Assert.Equal(130, end.ExitCode);
        Assert.All(NodeKeys, key => Assert.True(end.Json.TryGetProperty(key, out _), key));
        Assert.True(end.Json.GetProperty("queriesAnswered").GetInt64() >= 2, end.Output);
    }

    [Fact]
    public async Task ASwarmIsCrawledByAnotherProcess()
    {
        using DhtProcess swarm = DhtProcess.Start("swarm", "1000", "--json", "--dead", "20");
        Match line = SwarmAt().Match(await swarm.WaitForErrorLineAsync("swarm of 1,000 nodes at "));
        Assert.True(line.Success);

        DhtResult crawl = await DhtProcess.RunAsync(
            "crawl", "--bootstrap", line.Groups["address"].Value, "--allow-loopback", "--until-complete",
            "--rate", "0", "--new-destinations", "0", "--json", "--quiet");

        Assert.Equal(0, crawl.ExitCode);
        Assert.Empty(crawl.Errors);
        JsonElement json = crawl.Json;
        Assert.True(json.GetProperty("complete").GetBoolean());
        Assert.InRange(json.GetProperty("nodesAlive").GetInt64(), 750, 850);
        Assert.False(json.TryGetProperty("recall", out _));
    }

    [Fact]
    public async Task ANodeJoinsASwarm()
    {
        using DhtProcess swarm = DhtProcess.Start("swarm", "500", "--quiet");
        Match line = SwarmAt().Match(await swarm.WaitForErrorLineAsync("swarm of 500 nodes at "));

        // A few seconds are plenty where processors are free; where they are not, it is given more.
        long contacts = 0;
        foreach (string seconds in (string[])["3", "10", "60"])
        {
            DhtResult node = await DhtProcess.RunAsync(
                "node", "--bind", "127.0.0.1:0", "--allow-loopback", "--bootstrap", line.Groups["address"].Value,
                "--duration", seconds, "--json", "--quiet");
            Assert.Equal(0, node.ExitCode);
            Assert.Single(node.ErrorLines);
            contacts = node.Json.GetProperty("contacts").GetInt64();
            if (contacts > 8)
            {
                break;
            }
        }

        Assert.True(contacts > 8, $"{contacts} contacts");
    }

    [Fact]
    public async Task ASwarmEndsWhenItsTimeIsUp()
    {
        DhtResult swarm = await DhtProcess.RunAsync(
            "swarm", "10", "--duration", "0.1", "--json", "--quiet", "--hostile", "10");

        Assert.Equal(0, swarm.ExitCode);
        Assert.Single(swarm.ErrorLines);
        Assert.Equal(10, swarm.Json.GetProperty("swarmNodes").GetInt32());
    }

    [GeneratedRegex(@"^listening (?<address>127\.0\.0\.1:\d+) id (?<id>[0-9a-f]{40})$")]
    private static partial Regex Listening();

    [GeneratedRegex(@"^swarm of [\d,]+ nodes at (?<address>127\.[\d.]+:\d+)")]
    private static partial Regex SwarmAt();
}
