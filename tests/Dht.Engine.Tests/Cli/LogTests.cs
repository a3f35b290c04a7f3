namespace Dht.Engine.Tests.Cli;

[Collection(CliCollection.Name)]
public sealed class LogTests
{
    private static readonly string[] ShortNode =
        ["node", "--bind", "127.0.0.1:0", "--allow-loopback", "--duration", "0.2", "--quiet", "--json"];

    [Fact]
    public async Task ANode_LogsToStandardError_WhatIsWanted()
    {
        DhtResult all = await DhtProcess.RunAsync(
            [.. ShortNode, "--log", "info"]);
        Assert.Equal(0, all.ExitCode);
        Assert.Contains(
            all.ErrorLines,
            line => Matches(
                line,
                @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info \[1\] "
                + @"Listening on 127\.0\.0\.1:\d+ as [0-9a-f]{40} over \w+\.$"));
        Assert.Contains(all.ErrorLines, line => Matches(line, @"Z info \[2\] Stopped; 127\.0\.0\.1:\d+ is free\.$"));
        Assert.True(all.Json.TryGetProperty("contacts", out _));

        DhtResult errors = await DhtProcess.RunAsync(
            [.. ShortNode, "--log", "error"]);
        Assert.StartsWith("listening ", Assert.Single(errors.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACrawl_Logs()
    {
        DhtResult crawl = await DhtProcess.RunAsync("crawl", "--swarm", "50", "--quiet", "--json", "--log", "debug");
        Assert.Equal(0, crawl.ExitCode);
        Assert.Contains(crawl.ErrorLines, line => line.Contains("info [1] Listening on", StringComparison.Ordinal));
        Assert.Contains(crawl.ErrorLines, line => line.Contains("info [2] Stopped", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("node")]
    [InlineData("crawl")]
    public async Task ALevelThatIsNone_IsBadArguments(string command)
    {
        DhtResult result = await DhtProcess.RunAsync(command, "--log", "loud");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(
            "--log takes trace, debug, info, warning, error or none, not 'loud'",
            Assert.Single(result.ErrorLines),
            StringComparison.Ordinal);
    }

    private static bool Matches(string line, string pattern) =>
        System.Text.RegularExpressions.Regex.IsMatch(line, pattern);
}
