using System.Net.Sockets;

namespace Dht.Engine.Tests.Cli;

/// <summary>What a crawl says while it runs, and what of it is in the summary.</summary>
[Collection(CliCollection.Name)]
public sealed class CrawlWordsTests
{
    [Fact]
    public async Task WhenEverybodyHasBeenAsked_ItSaysThatItWaits()
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(3);
        DhtResult result = await DhtProcess.RunAsync(
            "crawl", "--bootstrap", dht[0].LocalEndpoint.ToString(), "--allow-loopback", "--no-throttle",
            "--duration", "7", "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.EndsWith(
            "  everybody known has been asked; waiting", result.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Equal(0, result.Json.GetProperty("truncated").GetInt64());
    }

    [Fact]
    public async Task WithoutAnybodyWhoAnswers_ADurationDoesNotKeepItWaiting()
    {
        using Socket silent = SilentSocket.Bind(out string address);
        DhtResult result = await DhtProcess.RunAsync(
            "crawl", "--bootstrap", address, "--allow-loopback", "--duration", "1000", "--json", "--quiet");

        result.AssertFailed($"no answer from {address} to ");
        Assert.Equal(0, result.Json.GetProperty("nodesAlive").GetInt64());
    }

    [Theory]
    [InlineData("", 300, 90)]
    [InlineData("--rate 60", 60, 90)]
    [InlineData("--new-destinations 20", 300, 20)]
    public async Task AtHome_ItIsSlow_UnlessToldOtherwise(string more, int rate, int newDestinations)
    {
        string[] options = more.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        DhtResult result = await DhtProcess.RunAsync(
            ["crawl", "--swarm", "20000", "--home", "--duration", "3", "--json", "--quiet", .. options]);

        Assert.Equal(0, result.ExitCode);

        // A second's worth may be sent at once.
        double seconds = result.Json.GetProperty("elapsedSeconds").GetDouble() + 1;
        Assert.InRange(result.Json.GetProperty("queries").GetInt64(), 1, (long)(rate * seconds));
        Assert.InRange(result.Json.GetProperty("nodesAlive").GetInt64(), 1, (long)(newDestinations * seconds));
    }
}
