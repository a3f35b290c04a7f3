using System.Collections.Concurrent;
using System.Diagnostics;
using Dht.Engine.Addressing;
using Dht.Engine.Node;

namespace Dht.Engine.Tests.Cli;

/// <summary>
/// Commands that end within seconds: nobody is to remember them (BEP 43), and they cost the others no more than their
/// answer is worth.
/// </summary>
[Collection(CliCollection.Name)]
public sealed class OneShotTests
{
    private const string Target = LoopbackDht.InfoHashText;

    // What a busy machine may take off a pause between two packets on their way here.
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(0.9);

    [Theory]
    [InlineData("ping ADDRESS", "", true)]
    [InlineData("find-node HASH", "", true)]
    [InlineData("get-peers HASH", "", true)]
    [InlineData("announce HASH --port 1", "", true)]
    [InlineData("find-node HASH", "--read-only", true)]
    [InlineData("ping ADDRESS", "--no-read-only", false)]
    [InlineData("announce HASH --port 1", "--no-read-only", false)]
    public async Task TheySayThatTheyAnswerNothing_UnlessToldOtherwise(string command, string option, bool expected)
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(2);
        var seen = new ConcurrentQueue<bool>();
        foreach (DhtEngine engine in (DhtEngine[])[dht[0], dht[1]])
        {
            ushort[] known = [dht[0].LocalEndpoint.Port, dht[1].LocalEndpoint.Port];
            engine.Handlers.Add((ref QueryContext query) =>
            {
                if (!known.Contains(query.Source.Port))
                {
                    seen.Enqueue(query.Query.IsReadOnly);
                }
            });
        }

        DhtResult result = await RunAsync(dht, command, option);

        Assert.Equal(0, result.ExitCode);
        Assert.NotEmpty(seen);
        Assert.All(seen, isReadOnly => Assert.Equal(expected, isReadOnly));
    }

    [Theory]
    [InlineData("find-node HASH", 1)]
    [InlineData("get-peers HASH", 1)]
    [InlineData("announce HASH --port 1", 2)]
    [InlineData("ping ADDRESS", 1)]
    public async Task AnEntryThatAnswersAtOnce_HasOnePacket_AndOneForAnAnnouncement(string command, int expected)
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(4);
        int packets = 0;
        ushort[] known = [.. Enumerable.Range(0, 4).Select(index => dht[index].LocalEndpoint.Port)];
        dht[0].Handlers.Add((ref QueryContext query) =>
            Interlocked.Add(ref packets, known.Contains(query.Source.Port) ? 0 : 1));

        DhtResult result = await RunAsync(dht, command);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(expected, packets);
    }

    [Theory]
    [InlineData("find-node HASH", 201)]
    [InlineData("get-peers HASH", 202)]
    [InlineData("announce HASH --port 1", 201)]
    [InlineData("ping ADDRESS", 202)]
    public async Task AnEntryThatRefusesForASecond_IsAskedAgainAfterOne(string command, int code)
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(1);
        var times = new ConcurrentQueue<TimeSpan>();
        var clock = Stopwatch.StartNew();
        dht[0].Handlers.Add((ref QueryContext query) =>
        {
            times.Enqueue(clock.Elapsed);
            if (times.Count == 1)
            {
                query.Refuse(code, "later"u8);
            }
        });

        DhtResult result = await RunAsync(dht, command);

        Assert.Equal(0, result.ExitCode);
        TimeSpan[] seen = [.. times];
        Assert.InRange(seen.Length, 2, command.StartsWith("announce", StringComparison.Ordinal) ? 3 : 2);
        Assert.InRange(seen[1] - seen[0], PauseMin, TimeSpan.MaxValue);
    }

    [Theory]
    [InlineData("find-node HASH")]
    [InlineData("get-peers HASH")]
    [InlineData("announce HASH --port 1")]
    [InlineData("ping ADDRESS")]
    public async Task AFirstSecondThatIsLost_IsTriedAgain(string command)
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(1);
        var clock = new Stopwatch();
        dht[0].Handlers.Add((ref QueryContext query) =>
        {
            clock.Start();
            if (clock.Elapsed < TimeSpan.FromSeconds(2.6))
            {
                query.Veto();
            }
        });

        DhtResult result = await RunAsync(dht, command);

        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData("find-node HASH")]
    [InlineData("announce HASH --port 1")]
    [InlineData("ping ADDRESS")]
    public async Task AnEntryThatRefusesForEver_IsSaidToHaveAnswered_AndIsNotHammered(string command)
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(1);
        int packets = 0;
        dht[0].Handlers.Add((ref QueryContext query) =>
        {
            Interlocked.Increment(ref packets);
            query.Refuse(201, "too many requests"u8);
        });

        DhtResult result = await RunAsync(dht, command, "--quiet");

        Assert.Equal(1, result.ExitCode);
        string line = Assert.Single(result.ErrorLines);
        Assert.Contains("error 201 (too many requests)", line, StringComparison.Ordinal);
        Assert.DoesNotContain("no answer", line, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody answered", line, StringComparison.Ordinal);
        Assert.InRange(packets, 2, 4);
    }

    [Fact]
    public async Task SavedContacts_AreAsked_BeforeTheRouters()
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(4);
        using var folder = new TempFolder();
        string[] state = ["--state", folder["a.state"]];
        DhtResult first = await DhtProcess.RunAsync(["find-node", Target, .. dht.Arguments, .. state, "--quiet"]);
        string bind = Endpoint.Parse("127.0.0.1:0").ToString();
        DhtResult second = await DhtProcess.RunAsync(
            ["get-peers", Target, "--bind", bind, "--allow-loopback", "--no-throttle", .. state, "--json"]);

        Assert.Equal(0, first.ExitCode);
        Assert.Equal(4, first.Output.Count('\n'));
        Assert.Equal(0, second.ExitCode);
        Assert.Equal(4, second.Json.GetProperty("closest").GetArrayLength());
        Assert.Contains("through the contacts that were saved", second.ErrorLines[0], StringComparison.Ordinal);
    }

    private static Task<DhtResult> RunAsync(LoopbackDht dht, string command, string option = "")
    {
        string address = dht[0].LocalEndpoint.ToString();
        string[] words = command.Replace("HASH", Target, StringComparison.Ordinal)
            .Replace("ADDRESS", address, StringComparison.Ordinal).Split(' ');
        string[] more = option.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] network = words[0] == "ping" ? ["--allow-loopback"] : dht.Arguments;
        return DhtProcess.RunAsync([.. words, .. network, .. more]);
    }
}
