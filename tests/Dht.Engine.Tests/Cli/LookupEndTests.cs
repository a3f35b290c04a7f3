using System.Net.Sockets;
using Dht.Engine.Node;

namespace Dht.Engine.Tests.Cli;

/// <summary>How lookups end when all does not go well.</summary>
[Collection(CliCollection.Name)]
public sealed class LookupEndTests
{
    private const string Target = LoopbackDht.InfoHashText;

    [Theory]
    [InlineData("find-node HASH")]
    [InlineData("get-peers HASH")]
    [InlineData("announce HASH --port 6881")]
    public async Task NoBootstrapNodeAnswers(string command)
    {
        using Socket silent = SilentSocket.Bind(out string address);
        DhtResult result = await DhtProcess.RunAsync(
            [.. Words(command), "--bootstrap", address, "--allow-loopback", "--quiet", "--json"]);

        result.AssertFailed($"no answer from {address} to ");
        Assert.Equal("nobodyAnswered", result.Json.GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("--bootstrap 127.0.0.1:9", "127.0.0.1 is a loopback address; use --allow-loopback")]
    [InlineData("--bootstrap localhost:9 --timeout 60", "127.0.0.1 is a loopback address; use --allow-loopback")]
    [InlineData(
        "--bootstrap [::1]:9 --bind 127.0.0.1:0 --allow-loopback",
        "[::1]:9 has IPv6 addresses only, which a socket at 127.0.0.1:0 does not reach; leave --bind out, or give ")]
    [InlineData("--bootstrap 127.0.0.1:9 --allow-loopback --state none/such.state", "cannot keep the state in ")]
    public async Task NobodyCanBeAsked(string options, string reason)
    {
        DhtResult result = await DhtProcess.RunAsync([.. Words("find-node HASH --quiet"), .. options.Split(' ')]);

        result.AssertFailed(reason);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task TheTimeIsUp()
    {
        using Socket silent = SilentSocket.Bind(out string address);
        DhtResult result = await DhtProcess.RunAsync(
            "get-peers", Target, "--bootstrap", address, "--allow-loopback", "--quiet", "--json", "--timeout", "0.5");

        result.AssertFailed("no answer within 0.5 s; ");
        Assert.Equal("timedOut", result.Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task NodesThatTakeNoAnnouncement()
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(1);
        dht[0].Handlers.Add("announce_peer", static (ref QueryContext query) => query.Refuse(203, "no"u8));
        DhtResult result = await DhtProcess.RunAsync(["announce", Target, "--port", "1", .. dht.Arguments, "--quiet"]);

        result.AssertFailed("no node has taken the announcement");
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AfterCtrlC_WhatWasFoundIsThere(bool asJson)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using LoopbackDht dht = await LoopbackDht.StartAsync(2);
        await dht.StoreAsync(0, "127.0.0.9:9");
        using var asked = new SemaphoreSlim(0);
        dht[1].Handlers.Add("get_peers", (ref QueryContext query) =>
        {
            asked.Release();
            query.Veto();
        });

        // The silent node is waited for some seconds, which is time enough for a signal, but for a machine that is
        // very busy.
        DhtResult result;
        int attempts = 0;
        do
        {
            string[] how = asJson ? ["--json", "--quiet"] : ["--quiet"];
            using DhtProcess process = DhtProcess.StartUnread(["get-peers", Target, .. dht.Arguments, .. how]);
            Assert.True(
                asJson
                    ? await asked.WaitAsync(Engine.Loopback.Patience)
                    : await process.ReadOutputLineAsync() == "127.0.0.9:9");
            process.TrySignal("INT");
            result = await process.EndAsync();
        }
        while (result.ExitCode == 0 && ++attempts < 10);

        Assert.Equal(130, result.ExitCode);
        Assert.Empty(result.Errors);
        if (asJson)
        {
            Assert.Equal("cancelled", result.Json.GetProperty("status").GetString());
        }
        else
        {
            Assert.Equal("127.0.0.9:9\n", result.Output);
        }
    }

    [Theory]
    [InlineData("find-node HASH", "find_node")]
    [InlineData("announce HASH --port 6881", "get_peers")]
    public async Task AfterCtrlC_ThoseFoundUntilThenAreNamed(string command, string method)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using LoopbackDht dht = await LoopbackDht.StartAsync(2);
        using var asked = new SemaphoreSlim(0);
        dht[1].Handlers.Add(method, (ref QueryContext query) =>
        {
            asked.Release();
            query.Veto();
        });
        DhtResult result;
        int attempts = 0;
        do
        {
            using DhtProcess process = DhtProcess.Start([.. Words(command), .. dht.Arguments, "--json"]);

            // The first has named the second by then.
            Assert.True(await asked.WaitAsync(Engine.Loopback.Patience));
            process.TrySignal("INT");
            result = await process.EndAsync();
        }
        while ((result.ExitCode == 0 || !HasClosest(result)) && ++attempts < 20);

        Assert.Equal(130, result.ExitCode);
        Assert.Equal("cancelled", result.Json.GetProperty("status").GetString());
        Assert.True(HasClosest(result), result.Output);
    }

    [Fact]
    public async Task AReaderThatGoesAway_EndsTheSearchQuietly()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using LoopbackDht dht = await LoopbackDht.StartAsync(2);
        await dht.StoreAsync(0, "127.0.0.9:1");
        await dht.StoreAsync(1, "127.0.0.9:2");

        // The second peer comes when the reader of the first has gone.
        using var gate = new ManualResetEventSlim();
        dht[1].Handlers.Add("get_peers", (ref QueryContext _) => gate.Wait(Engine.Loopback.Patience));
        using DhtProcess process = DhtProcess.StartUnread(["get-peers", Target, .. dht.Arguments, "--quiet"]);
        Assert.Equal("127.0.0.9:1", await process.ReadOutputLineAsync());
        process.CloseOutput();
        gate.Set();
        DhtResult result = await process.EndAsync();

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Errors);
    }

    private static bool HasClosest(DhtResult result) => result.Json.GetProperty("closest").GetArrayLength() > 0;

    private static string[] Words(string command) =>
        command.Replace("HASH", Target, StringComparison.Ordinal).Split(' ');
}
