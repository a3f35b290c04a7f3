using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Testing;

namespace Dht.Engine.Tests.Cli;

[Collection(CliCollection.Name)]
public sealed partial class LookupCommandTests
{
    private const string Target = LoopbackDht.InfoHashText;

    [Theory]
    [InlineData("Kademlia")]
    [InlineData("MAINLINE")]
    public async Task FindNode_NamesTheNearestOfASwarm_NearestFirst(string table)
    {
        using LoopbackSwarm swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 1000 });
        string[] nearest = [.. Enumerable.Range(0, swarm.NodeCount)
            .Select(swarm.IdOf)
            .Order(
                Comparer<NodeId>.Create(
                    static (left, right) => NodeId.CompareDistance(NodeId.Parse(Target), left, right)))
            .Take(8)
            .Select(static id => id.ToString())];
        string[] arguments =
            ["find-node", Target, "--bootstrap", swarm.EndpointOf(0).ToString(), "--allow-loopback", "--table", table];

        DhtResult asJson = await DhtProcess.RunAsync([.. arguments, "--json", "--quiet"]);
        DhtResult asText = await DhtProcess.RunAsync(arguments);

        Assert.Equal(0, asJson.ExitCode);
        Assert.Empty(asJson.Errors);
        JsonElement json = asJson.Json;
        Assert.Equal("finished", json.GetProperty("status").GetString());
        Assert.Equal(Target, json.GetProperty("target").GetString());
        Assert.Equal(
            nearest,
            json.GetProperty("closest").EnumerateArray().Select(static node => node.GetProperty("id").GetString()));
        Assert.All(json.GetProperty("closest").EnumerateArray(), node =>
        {
            Assert.StartsWith("127.", node.GetProperty("ip").GetString(), StringComparison.Ordinal);
            Assert.InRange(node.GetProperty("port").GetInt32(), 1, ushort.MaxValue);
        });
        Assert.InRange(json.GetProperty("answered").GetInt32(), 8, json.GetProperty("asked").GetInt32());
        Assert.InRange(
            json.GetProperty("lookupSeconds").GetDouble(), 0, json.GetProperty("elapsedSeconds").GetDouble());

        Assert.Equal(0, asText.ExitCode);
        string[] lines = asText.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(nearest, lines.Select(static line => line.Split(' ')[0]));
        Assert.All(lines, static line => Assert.Matches(@"^[0-9a-f]{40} 127\.[\d.]+:\d+$", line));
        Assert.Contains(
            asText.ErrorLines, static line => line.StartsWith("the nearest 8 nodes; ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EachCommandWorksAgainstASwarmInAnotherProcess()
    {
        using DhtProcess swarm = DhtProcess.Start("swarm", "500", "--quiet");
        Match line = SwarmAt().Match(await swarm.WaitForErrorLineAsync("swarm of 500 nodes at "));
        string[] common = ["--bootstrap", line.Groups["address"].Value, "--allow-loopback"];

        DhtResult found = await DhtProcess.RunAsync(["find-node", Target, .. common, "--transport", "ring"]);
        DhtResult peers = await DhtProcess.RunAsync(["get-peers", Target.ToUpperInvariant(), .. common]);
        DhtResult announced = await DhtProcess.RunAsync(
            ["announce", Target, "--port", "51413", .. common, "--read-only"]);

        Assert.Equal(0, found.ExitCode);
        Assert.Equal(8, found.Output.Count('\n'));
        Assert.Equal(0, peers.ExitCode);
        Assert.Empty(peers.Output);
        Assert.Contains(peers.ErrorLines, static line => line.StartsWith("no peers; ", StringComparison.Ordinal));
        Assert.Equal(0, announced.ExitCode);
        Assert.Matches(@"^announced at \d nodes\n$", announced.Output);
    }

    [Theory]
    [InlineData("127.0.0.1:0", 4)]
    [InlineData("[::1]:0", 4)]
    [InlineData("[::1]:0", 1)]
    public async Task WhatOneProcessAnnounces_AnotherFinds(string bind, int nodes)
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(nodes, bind);
        string peer = dht[0].LocalEndpoint.WithPort(51413).ToString();

        DhtResult before = await DhtProcess.RunAsync(["get-peers", Target, .. dht.Arguments, "--json", "--quiet"]);
        DhtResult announced = await DhtProcess.RunAsync(
            ["announce", Target, "--port", "51413", .. dht.Arguments, "--json", "--quiet"]);
        DhtResult asText = await DhtProcess.RunAsync(["get-peers", Target, .. dht.Arguments]);
        DhtResult asJson = await DhtProcess.RunAsync(["get-peers", Target, .. dht.Arguments, "--json", "--quiet"]);

        Assert.Equal(0, before.ExitCode);
        Assert.Equal(0, before.Json.GetProperty("peers").GetArrayLength());
        Assert.Equal(0, announced.ExitCode);
        Assert.Equal(nodes, announced.Json.GetProperty("announced").GetInt32());
        Assert.Equal(51413, announced.Json.GetProperty("port").GetInt32());
        Assert.False(announced.Json.GetProperty("impliedPort").GetBoolean());
        Assert.Equal(nodes, await dht.CountPeersAsync());
        Assert.Equal(0, asText.ExitCode);
        Assert.Equal(peer + "\n", asText.Output);
        Assert.Contains(asText.ErrorLines, static line => line.StartsWith("1 peer; ", StringComparison.Ordinal));
        JsonElement found = Assert.Single(asJson.Json.GetProperty("peers").EnumerateArray());
        Assert.Equal(51413, found.GetProperty("port").GetInt32());
        Assert.Equal(dht[0].LocalEndpoint.ToAddress().ToString(), found.GetProperty("ip").GetString());
        Assert.Equal(Target, asJson.Json.GetProperty("infoHash").GetString());
        Assert.True(asJson.Json.GetProperty("closest").GetArrayLength() >= nodes);
    }

    [Fact]
    public async Task AnImpliedPort_IsThatOfTheSocket()
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(1);

        DhtResult announced = await DhtProcess.RunAsync(["announce", Target, "--implied-port", .. dht.Arguments]);
        DhtResult found = await DhtProcess.RunAsync(["get-peers", Target, .. dht.Arguments, "--quiet"]);

        Assert.Equal("announced at 1 node\n", announced.Output);
        Assert.EndsWith(
            $" from {found.Output.TrimEnd('\n')} through {dht[0].LocalEndpoint}",
            announced.ErrorLines[0],
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnImpliedPort_IsInTheJson_AsThePortThatWasBound()
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(1);
        ushort port = FreePort();
        DhtResult announced = await DhtProcess.RunAsync(
            "announce", Target, "--implied-port", "--bind", $"127.0.0.1:{port}", "--bootstrap",
            dht[0].LocalEndpoint.ToString(), "--allow-loopback", "--json", "--quiet");

        Assert.Equal(port, announced.Json.GetProperty("port").GetInt32());
        Assert.True(announced.Json.GetProperty("impliedPort").GetBoolean());
    }

    /// <summary>Which families were searched, and what of the values in the answers was handed out.</summary>
    [Fact]
    public async Task TheReport_SaysWhatWasSearched_AndWhatBecameOfTheValues()
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(2);
        await dht.StoreAsync(0, "127.0.0.9:1");
        await dht.StoreAsync(1, "127.0.0.9:1");
        DhtResult asText = await DhtProcess.RunAsync(["get-peers", Target, .. dht.Arguments]);
        DhtResult asJson = await DhtProcess.RunAsync(["get-peers", Target, .. dht.Arguments, "--json", "--quiet"]);

        Assert.Equal("127.0.0.9:1\n", asText.Output);
        Assert.Contains("1 peer; 2 values in the answers; ", asText.Errors, StringComparison.Ordinal);
        Assert.Contains(" 2 answered over IPv4, ", asText.Errors, StringComparison.Ordinal);
        Assert.Equal(2, asJson.Json.GetProperty("values").GetInt32());
        Assert.Equal(1, asJson.Json.GetProperty("peers").GetArrayLength());
        Assert.Equal(["IPv4"], asJson.Json.GetProperty("families").EnumerateArray().Select(static f => f.GetString()));
    }

    private static ushort FreePort()
    {
        using Socket socket = SilentSocket.Bind(out string address);
        return Endpoint.Parse(address).Port;
    }

    [GeneratedRegex(@"^swarm of [\d,]+ nodes at (?<address>127\.[\d.]+:\d+)")]
    private static partial Regex SwarmAt();
}
