using System.Diagnostics;

namespace Dht.Engine.Tests.Cli;

/// <summary>
/// Readers that no longer read: a terminal that is held, a hung collector of logs. A few cases; all of them are in
/// tests/proofs/files.py.
/// </summary>
[Collection(CliCollection.Name)]
public sealed class FullPipeTests
{
    // Five seconds are promised; a machine that is very busy is given more here.
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task ASignal_EndsTheRun_AndTheStateIsSaved()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var folder = new TempFolder();
        using var pipe = new FullPipe(folder["pipe"]);
        (string Redirections, string More, string Signal)[] cases =
        [
            ("2>PIPE", "--log trace", "TERM"), (">PIPE", "", "INT"), (">PIPE 2>PIPE", "--json", "HUP"),
            (">PIPE 2>PIPE", "--log debug --json", "TERM"),
        ];
        var runs = new List<(DhtProcess Process, string State)>();
        try
        {
            foreach ((string redirections, string more, _) in cases)
            {
                string state = folder[$"state{runs.Count}"];
                runs.Add((
                    DhtProcess.StartRedirected(
                        redirections.Replace("PIPE", $"'{pipe.Path}'", StringComparison.Ordinal),
                        ["node", "--bind", "127.0.0.1:0", "--allow-loopback", "--state", state,
                            .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries)]),
                    state));
            }

            foreach ((_, string state) in runs)
            {
                await UntilAsync(() => new FileInfo(state + ".lock") is { Exists: true, Length: > 0 });
            }

            var watch = Stopwatch.StartNew();
            for (int i = 0; i < cases.Length; i++)
            {
                runs[i].Process.Signal(cases[i].Signal);
            }

            foreach ((DhtProcess process, string state) in runs)
            {
                Assert.Equal(130, (await process.EndAsync()).ExitCode);
                Assert.Equal(StateLoadStatus.Loaded, new StateFile(state).Load().Status);
            }

            Assert.True(watch.Elapsed < EndMax, $"{watch.Elapsed}");
        }
        finally
        {
            runs.ForEach(static run => run.Process.Dispose());
        }
    }

    [Fact]
    public async Task AFullStandardError_DoesNotHoldUpTheEnd_NorTheEngine()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var folder = new TempFolder();
        using var pipe = new FullPipe(folder["pipe"]);
        await using LoopbackDht dht = await LoopbackDht.StartAsync(1);
        using DhtProcess node = DhtProcess.StartRedirected(
            $"2>'{pipe.Path}'",
            ["node", .. dht.Arguments, "--log", "trace", "--json", "--duration", "3", "--state", folder["state"]]);

        // It becomes a contact by an answer, which its loop has to live for.
        await UntilAsync(() => dht[0].Counters.Contacts > 0);
        DhtResult end = await node.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Equal(1, end.Json.GetProperty("contacts").GetInt32());
    }

    [Fact]
    public async Task AReaderThatComesLate_GetsEveryRow()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // The rows are several times what a pipe holds.
        using DhtProcess crawl = DhtProcess.StartUnread("crawl", "--swarm", "2000", "--out", "-");
        var rows = new List<string> { (await crawl.ReadOutputLineAsync())! };
        await Task.Delay(TimeSpan.FromSeconds(1));
        while (await crawl.ReadOutputLineAsync() is { } row)
        {
            rows.Add(row);
        }

        DhtResult end = await crawl.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.StartsWith("found 2,000 of 2,000", end.ErrorLines[^1], StringComparison.Ordinal);
        Assert.Equal(2000, rows.Select(static row => NodeLine.ParseJson(row).Ip).Distinct().Count());
        Assert.Equal(2000, rows.Count);
    }

    [Theory]
    [InlineData("TERM", 0)]
    [InlineData("INT", 1)]
    [InlineData("HUP", 20)]
    public async Task ASecondSignalAtOnce_IsTheSameWish(string signal, int milliseconds)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var folder = new TempFolder();
        using DhtProcess node = DhtProcess.Start(
            "node", "--bind", "127.0.0.1:0", "--allow-loopback", "--json", "--state", folder["state"]);
        await node.WaitForErrorLineAsync("listening ");
        node.SignalTwice(signal, milliseconds);
        DhtResult end = await node.EndAsync();
        Assert.Equal(130, end.ExitCode);
        Assert.Equal(0, end.Json.GetProperty("contacts").GetInt32());
        Assert.Equal(StateLoadStatus.Loaded, new StateFile(folder["state"]).Load().Status);
    }

    [Fact]
    public async Task ASecondSignalLater_EndsTheProcessAtOnce()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var folder = new TempFolder();
        using var pipe = new FullPipe(folder["pipe"]);
        using DhtProcess node = DhtProcess.StartRedirected(
            $">'{pipe.Path}'", "node", "--bind", "127.0.0.1:0", "--allow-loopback");
        await node.WaitForErrorLineAsync("listening ");
        node.SignalTwice("TERM", 1500);
        Assert.NotEqual(130, (await node.EndAsync()).ExitCode);
    }

    [Theory]
    [InlineData("<&- >&- 2>&-", "node", 0)]
    [InlineData(">&-", "node", 0)]
    [InlineData(">&-", "node --json", 1)]
    [InlineData(">/dev/full", "node --json", 1)]
    [InlineData(">/dev/full", "node", 1)]
    [InlineData("2>/dev/full", "node --log trace", 0)]
    public async Task AStandardOutputThatIsClosedOrFull(string redirections, string command, int code)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var folder = new TempFolder();
        using DhtProcess node = DhtProcess.StartRedirected(
            redirections,
            [.. command.Split(' '), "--bind", "127.0.0.1:0", "--duration", "0.3", "--state", folder["state"]]);
        DhtResult end = await node.EndAsync();
        Assert.Equal(code, end.ExitCode);
        Assert.Equal(StateLoadStatus.Loaded, new StateFile(folder["state"]).Load().Status);
        string reason = redirections == ">&-" ? "it is closed" : "No space left on device";
        string complaint = $"dht: cannot write standard output: {reason}\n";
        Assert.Equal(code == 1, end.Errors.Contains(complaint, StringComparison.Ordinal));
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2));
            await Task.Delay(20);
        }
    }
}
