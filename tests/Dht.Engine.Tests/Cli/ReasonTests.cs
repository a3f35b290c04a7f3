using System.Net.Sockets;

namespace Dht.Engine.Tests.Cli;

/// <summary>Why a command failed, as far as it is known, in the same words for all commands.</summary>
[Collection(CliCollection.Name)]
public sealed class ReasonTests
{
    private const string Target = LoopbackDht.InfoHashText;

    /// <summary>From a loopback address the system sends nothing to the Internet, so no packet leaves.</summary>
    [Theory]
    [InlineData("find-node HASH --bootstrap 192.88.98.1:6881")]
    [InlineData("get-peers HASH --bootstrap 192.88.98.1:6881")]
    [InlineData("announce HASH --port 1 --bootstrap 192.88.98.1:6881")]
    [InlineData("crawl --bootstrap 192.88.98.1:6881 --until-complete")]
    [InlineData("ping 192.88.98.1:6881")]
    public async Task TheSystemRefusesToSend(string command)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        DhtResult result = await DhtProcess.RunAsync(
            [.. Words(command), "--bind", "127.0.0.1:0", "--allow-loopback", "--quiet"]);

        Assert.Equal(1, result.ExitCode);
        string line = Assert.Single(result.ErrorLines);
        Assert.Contains("the system refused to send", line, StringComparison.Ordinal);
        Assert.Contains("(Invalid argument)", line, StringComparison.Ordinal);
        Assert.DoesNotContain("is the network up", line, StringComparison.Ordinal);
        Assert.DoesNotContain("answer", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("find-node HASH --bootstrap ADDRESS")]
    [InlineData("get-peers HASH --bootstrap ADDRESS")]
    [InlineData("announce HASH --port 1 --bootstrap ADDRESS")]
    [InlineData("crawl --bootstrap ADDRESS --until-complete")]
    [InlineData("crawl --bootstrap ADDRESS --duration 600")]
    [InlineData("ping ADDRESS")]
    public async Task NoAnswer(string command)
    {
        using Socket silent = SilentSocket.Bind(out string address);
        DhtResult result = await DhtProcess.RunAsync(
            [.. Words(command, address), "--allow-loopback", "--quiet"]);

        Assert.Equal(1, result.ExitCode);
        string line = Assert.Single(result.ErrorLines);
        Assert.Contains("no answer", line, StringComparison.Ordinal);
        Assert.DoesNotContain("refused", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("find-node HASH --bootstrap ADDRESS --timeout 0.5")]
    [InlineData("announce HASH --port 1 --bootstrap ADDRESS --timeout 0.5")]
    public async Task WhileAQueryIsOpen_NobodyIsSaidNotToHaveAnswered(string command)
    {
        using Socket silent = SilentSocket.Bind(out string address);
        DhtResult result = await DhtProcess.RunAsync(
            [.. Words(command, address), "--allow-loopback", "--quiet", "--json"]);

        result.AssertFailed("no answer within 0.5 s; 1 query is still open");
        Assert.Equal("timedOut", result.Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task ANodeThatNobodyAnswers_SaysItInOneSentence()
    {
        using Socket silent = SilentSocket.Bind(out string address);
        using DhtProcess node = DhtProcess.Start(
            "node", "--bind", "127.0.0.1:0", "--allow-loopback", "--bootstrap", address);
        string line = await node.WaitForErrorLineAsync("trying again");

        Assert.DoesNotContain("?;", line, StringComparison.Ordinal);
        Assert.Contains("no answer", line, StringComparison.Ordinal);
    }

    private static string[] Words(string command, string address = "") =>
        command.Replace("HASH", Target, StringComparison.Ordinal)
            .Replace("ADDRESS", address, StringComparison.Ordinal).Split(' ');
}
