using System.Net.Sockets;
using Dht.Cli.Joining;
using Dht.Cli.Ping;
using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Tests.Engine;

namespace Dht.Engine.Tests.Cli;

/// <summary>Where one family is dead, the other is enough.</summary>
[Collection(CliCollection.Name)]
public sealed class FamilyTests
{
    [Theory]
    [InlineData("find-node HASH")]
    [InlineData("get-peers HASH")]
    [InlineData("announce HASH --port 6881")]
    [InlineData("crawl --until-complete")]
    public async Task WithIPv4Dead_ACommandGoesOnOverIPv6(string command)
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(1, "[::1]:0");
        using Socket silent = SilentSocket.Bind(out string dead);
        string[] words = command.Replace("HASH", LoopbackDht.InfoHashText, StringComparison.Ordinal).Split(' ');
        DhtResult result = await DhtProcess.RunAsync(
            [
                .. words, "--bootstrap", dead, "--bootstrap", dht[0].LocalEndpoint.ToString(), "--allow-loopback",
                "--json", "--quiet",
            ]);

        Assert.Equal(0, result.ExitCode);
        Assert.True(silent.Available > 0);
        if (words[0] != "crawl")
        {
            Assert.Equal(
                ["IPv6"], result.Json.GetProperty("families").EnumerateArray().Select(static f => f.GetString()));
        }
    }

    [Fact]
    public async Task APing_TriesEachFamilyInTurn()
    {
        await using DhtEngine six = Loopback.Start(Loopback.Options() with { Bind = Endpoint.Parse("[::1]:0") });
        using Socket silent = SilentSocket.Bind(out string dead);
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with
        {
            Bind = Endpoint.Parse("[::]:0"),
            Node = new NodeOptions { QueryTimeout = TimeSpan.FromMilliseconds(500) },
        });
        Endpoint[] both = [Endpoint.Parse(dead), six.LocalEndpoint];
        var found = new EntryNodes
        {
            Places = [HostPort.Parse("both.test:1")],
            Found = [six.LocalEndpoint, Endpoint.Parse(dead), Endpoint.Parse("127.0.0.1:1")],
            Bind = engine.LocalEndpoint,
            Policy = AddressPolicy.AllowLocal,
        };
        Assert.Equal(both, PingSession.OneOfEachFamily(found.Reached));

        (Endpoint Destination, PingResult Result)? answer = await PingSession.PingAsync(engine, both, default)
            .WaitAsync(Loopback.Patience);

        Assert.Equal(six.LocalEndpoint, answer?.Destination);
        Assert.Equal(six.Id, answer?.Result.Id);
        Assert.True(silent.Available > 0);
    }
}
