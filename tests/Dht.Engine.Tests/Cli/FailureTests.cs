using System.Net.Sockets;
using System.Text.Json;

namespace Dht.Engine.Tests.Cli;

[Collection(CliCollection.Name)]
public sealed class FailureTests
{
    [Theory]
    [InlineData("node --bind ADDRESS")]
    [InlineData("node --transport ring --bind ADDRESS")]
    [InlineData("crawl --swarm 5 --bind ADDRESS")]
    [InlineData("ping 127.0.0.1:9 --allow-loopback --bind ADDRESS")]
    [InlineData(
        "find-node 0123456789abcdef0123456789abcdef01234567 --bind ADDRESS --bootstrap 127.0.0.1:9 --allow-loopback")]
    public async Task APortThatIsTaken(string arguments)
    {
        using Socket taken = SilentSocket.Bind(out string address);
        DhtResult result = await DhtProcess.RunAsync(
            arguments.Replace("ADDRESS", address, StringComparison.Ordinal).Split(' '));

        result.AssertFailed($"cannot bind {address}: address already in use");
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--until-complete")]
    [InlineData("--duration 1")]
    public async Task NoBootstrapNodeAnswers(string more)
    {
        using Socket silent = SilentSocket.Bind(out string address);
        string[] options = more.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        DhtResult result = await DhtProcess.RunAsync(
            ["crawl", "--quiet", "--allow-loopback", "--bootstrap", address, .. options]);

        result.AssertFailed("no answer");
    }

    [Fact]
    public async Task ABootstrapNodeThatIsForbidden()
    {
        DhtResult result = await DhtProcess.RunAsync("crawl", "--quiet", "--bootstrap", "127.0.0.1:9");

        result.AssertFailed("127.0.0.1 is a loopback address; use --allow-loopback");
    }

    [Theory]
    [InlineData("missing/nodes.jsonl")]
    [InlineData("folder.csv")]
    public async Task AnOutputFileThatCannotBeOpened(string name)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["folder.csv"]);
        DhtResult result = await DhtProcess.RunAsync(
            "crawl", "--swarm", "100", "--quiet", "--json", "--out", folder[name]);

        string reason = name == "folder.csv" ? "it is a folder" : "Could not find a part of the path";
        result.AssertFailed($"cannot write {folder[name]}: {reason}");
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(64)]
    public async Task ASystemThatLetsItOpenFewFiles(int files)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using DhtProcess node = DhtProcess.StartLimited(
            $"ulimit -n {files}", "node", "--bind", "127.0.0.1:0", "--duration", "0.1");
        (await node.EndAsync()).AssertFailed($"the system lets it open {files} files only, and it needs ");
    }

    [Theory]
    [InlineData(100)]
    [InlineData(20_000)]
    public async Task ADiskThatIsFull(int nodes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var folder = new TempFolder();
        string path = folder["full.jsonl"];
        File.CreateSymbolicLink(path, "/dev/full");
        DhtResult result = await DhtProcess.RunAsync(
            "crawl", "--swarm", $"{nodes}", "--quiet", "--json", "--out", path);

        result.AssertFailed($"cannot write {path}: ");
        JsonElement json = result.Json;
        Assert.InRange(json.GetProperty("nodesAlive").GetInt64(), 1, nodes);
    }

    [Fact]
    public async Task APingThatNobodyAnswers()
    {
        using Socket silent = SilentSocket.Bind(out string address);
        DhtResult result = await DhtProcess.RunAsync("ping", address, "--allow-loopback", "--json");

        result.AssertFailed($"no answer from {address}");
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task APingThatIsForbidden()
    {
        DhtResult result = await DhtProcess.RunAsync("ping", "127.0.0.1:6881");

        result.AssertFailed("127.0.0.1 is a loopback address; use --allow-loopback");
    }
}
