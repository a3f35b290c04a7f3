namespace Dht.Engine.Tests.Cli;

/// <summary>
/// Two processes that want one file. Each pairing once; tests/proofs/files.py has each twenty times, and both at once.
/// </summary>
[Collection(CliCollection.Name)]
public sealed class TwoProcessesTests : IDisposable
{
    private static readonly string[] Node = ["node", "--bind", "127.0.0.1:0", "--allow-loopback", "--quiet"];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AStateInUse_IsRefused_AndAKilledProcessHoldsNothing()
    {
        string path = _folder["state"];
        using DhtProcess first = DhtProcess.Start([.. Node, "--state", path]);
        string address = (await first.WaitForErrorLineAsync("listening ")).Split(' ')[1];
        string[][] seconds =
        [
            [.. Node, "--state", path],
            ["find-node", LoopbackDht.InfoHashText, "--bootstrap", address, "--bind", "127.0.0.1:0", "--allow-loopback",
                "--quiet", "--state", path],
        ];
        foreach (string[] second in seconds)
        {
            DhtResult refused = await DhtProcess.RunAsync(second);
            refused.AssertFailed($"Another dht (pid {first.Id}) keeps its state in {path}.");
            Assert.Empty(refused.Output);
        }

        first.Kill();
        using DhtProcess next = DhtProcess.Start([.. Node, "--state", path]);
        await next.WaitForErrorLineAsync("listening ");
    }

    [Fact]
    public async Task AnOutputFileInUse_IsRefused_AndTheFirstKeepsItsRows()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string path = _folder["nodes.jsonl"];
        using DhtProcess first = DhtProcess.Start(
            "crawl", "--swarm", "5000", "--rate", "500", "--json", "--out", path);
        await first.WaitForErrorLineAsync("alive");
        foreach (string how in (string[])["--quiet", "--append", "--overwrite"])
        {
            DhtResult refused = await DhtProcess.RunAsync("crawl", "--swarm", "5", "--out", path, how);
            refused.AssertFailed($"cannot write {path}: another process writes it");
        }

        first.Signal("INT");
        DhtResult end = await first.EndAsync();
        Assert.Equal(130, end.ExitCode);
        string[] rows = await File.ReadAllLinesAsync(path);
        Assert.All(rows, static row => NodeLine.ParseJson(row).Check());
        Assert.Equal(end.Json.GetProperty("nodesAlive").GetInt64(), rows.Length);
    }

    [Theory]
    [InlineData("nodes.jsonl")]
    [InlineData("nodes.csv")]
    public async Task AnEarlierResult_StaysUntilToldOtherwise(string name)
    {
        string path = _folder[name];
        Assert.Equal(0, (await CrawlAsync(path, 30)).ExitCode);
        byte[] before = await File.ReadAllBytesAsync(path);
        DhtResult refused = await CrawlAsync(path, 10);
        Assert.Equal(2, refused.ExitCode);
        Assert.Equal(
            $"dht: {path} is there already; --append adds to it, --overwrite replaces it, or name another file",
            Assert.Single(refused.ErrorLines));
        Assert.Equal(before, await File.ReadAllBytesAsync(path));

        Assert.Equal(0, (await CrawlAsync(path, 20, "--append")).ExitCode);
        Assert.Equal(50, RowsIn(path));

        // As a process leaves it that was killed in the middle of a row, and one that ends without a line end.
        byte[] appended = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, appended[..^50]);
        Assert.Equal(0, (await CrawlAsync(path, 20, "--append")).ExitCode);
        Assert.Equal(69, RowsIn(path));
        appended = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, appended[..^1]);
        Assert.Equal(0, (await CrawlAsync(path, 20, "--append")).ExitCode);
        Assert.Equal(89, RowsIn(path));

        Assert.Equal(0, (await CrawlAsync(path, 10, "--overwrite")).ExitCode);
        Assert.Equal(10, RowsIn(path));
    }

    [Fact]
    public async Task AFileThatIsNotOfItsKind_IsLeftAsItIs()
    {
        string path = _folder["mine.csv"];
        await File.WriteAllTextAsync(path, "name,birthday\nAda,1815-12-10\n");
        string before = await File.ReadAllTextAsync(path);
        DhtResult append = await CrawlAsync(path, 10, "--append");
        Assert.Equal(2, append.ExitCode);
        Assert.Equal(
            $"dht: --append adds rows to a file of nodes, which {path} is not", Assert.Single(append.ErrorLines));
        DhtResult state = await DhtProcess.RunAsync([.. Node, "--duration", "0.1", "--state", path]);
        Assert.Equal(2, state.ExitCode);
        Assert.Equal(
            $"dht: {path} is not the state of a node; it is left as it is.", Assert.Single(state.ErrorLines));
        Assert.Equal(before, await File.ReadAllTextAsync(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task AStateOfANewerVersion_IsRefused_AndLeftAsItIs()
    {
        byte[] newer = [.. "DhtState"u8, 0, 0, 0, 2, .. "whatever it may be"u8];
        string path = _folder["state"];
        await File.WriteAllBytesAsync(path, newer);
        DhtResult result = await DhtProcess.RunAsync([.. Node, "--duration", "0.1", "--state", path]);
        result.AssertFailed($"A newer version has written the state at {path}; it is left as it is.");
        Assert.Equal(newer, await File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task APipe_IsNoPlaceForAState_AndAPlaceForRows()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string path = _folder["pipe.jsonl"];
        FullPipe.Make(path);
        DhtResult state = await DhtProcess.RunAsync([.. Node, "--duration", "0.1", "--state", path]);
        Assert.Equal(2, state.ExitCode);
        Assert.EndsWith("it is a pipe or a device.", Assert.Single(state.ErrorLines), StringComparison.Ordinal);

        using DhtProcess crawl = DhtProcess.Start("crawl", "--swarm", "100", "--json", "--out", path);
        await crawl.WaitForErrorLineAsync($"waiting for somebody to read {path}");
        string[] rows = await File.ReadAllLinesAsync(path);
        Assert.Equal(100, rows.Length);
        Assert.Equal(0, (await crawl.EndAsync()).ExitCode);

        using DhtProcess told = DhtProcess.Start("crawl", "--swarm", "100", "--json", "--out", path);
        await told.WaitForErrorLineAsync("waiting for somebody to read");
        told.Signal("TERM");
        Assert.Equal(130, (await told.EndAsync()).ExitCode);
    }

    private static Task<DhtResult> CrawlAsync(string path, int nodes, params string[] more) =>
        DhtProcess.RunAsync(["crawl", "--swarm", $"{nodes}", "--quiet", "--json", "--out", path, .. more]);

    private static int RowsIn(string path)
    {
        string[] lines = File.ReadAllText(path).Split('\n');
        Assert.Empty(lines[^1]);
        if (Path.GetExtension(path) == ".jsonl")
        {
            Assert.All(lines[..^1], static line => NodeLine.ParseJson(line).Check());
            return lines.Length - 1;
        }

        Assert.StartsWith("id,", lines[0], StringComparison.Ordinal);
        Assert.All(lines[1..^1], static line => NodeLine.ParseCsv(line.TrimEnd('\r')).Check());
        return lines.Length - 2;
    }
}
