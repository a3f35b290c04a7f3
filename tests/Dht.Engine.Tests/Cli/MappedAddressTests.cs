using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Dht.Engine.Tests.Cli;

/// <summary>An IPv4 address that is written inside an IPv6 one (RFC 4291, 2.5.5.2) is the IPv4 address.</summary>
[Collection(CliCollection.Name)]
public sealed partial class MappedAddressTests
{
    private const string Target = LoopbackDht.InfoHashText;

    [Theory]
    [InlineData("")]
    [InlineData("--bind [::ffff:127.0.0.1]:0")]
    [InlineData("--bind ::ffff:127.0.0.1")]
    [InlineData("--bind [::ffff:0.0.0.0]:0")]
    public async Task ANodeThatIsPinged(string bind)
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(1);
        string[] more = bind.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        DhtResult result = await DhtProcess.RunAsync(["ping", Mapped(dht), "--allow-loopback", .. more]);

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith($"{dht[0].LocalEndpoint} ", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("find-node HASH")]
    [InlineData("get-peers HASH --bind [::ffff:127.0.0.1]:0")]
    [InlineData("announce HASH --port 6881")]
    [InlineData("crawl --until-complete")]
    public async Task ABootstrapNode(string command)
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(1);
        DhtResult result = await DhtProcess.RunAsync(
            [.. Words(command), "--bootstrap", Mapped(dht), "--allow-loopback", "--json", "--quiet"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task BesideAPlainAddress_BothAreAsked_FromAnIPv4Socket()
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(1);
        using Socket silent = SilentSocket.Bind(out string address);
        DhtResult result = await DhtProcess.RunAsync(
            "find-node", Target, "--bootstrap", address, "--bootstrap", Mapped(dht), "--allow-loopback");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(" from 0.0.0.0:", result.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains(" through 2 bootstrap nodes", result.ErrorLines[0], StringComparison.Ordinal);
        Assert.True(silent.Available > 0);
    }

    [Fact]
    public async Task ANodesSocket()
    {
        DhtResult result = await DhtProcess.RunAsync(
            "node", "--bind", "[::ffff:127.0.0.1]:0", "--allow-loopback", "--duration", "0.1", "--json", "--quiet");

        Assert.Equal(0, result.ExitCode);
        Assert.Matches(ListeningAtIPv4(), Assert.Single(result.ErrorLines));
    }

    private static string Mapped(LoopbackDht dht) => $"[::ffff:127.0.0.1]:{dht[0].LocalEndpoint.Port}";

    private static string[] Words(string command) =>
        command.Replace("HASH", Target, StringComparison.Ordinal).Split(' ');

    [GeneratedRegex(@"^listening 127\.0\.0\.1:\d+ id ")]
    private static partial Regex ListeningAtIPv4();
}
