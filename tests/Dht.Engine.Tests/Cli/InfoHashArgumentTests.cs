namespace Dht.Engine.Tests.Cli;

/// <summary>The infohash as people have it: hexadecimal, base32, a URN, or the whole magnet link.</summary>
[Collection(CliCollection.Name)]
public sealed class InfoHashArgumentTests
{
    private const string Hex = LoopbackDht.InfoHashText;
    private const string Base32 = "AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH";
    private const string V2 = Hex + "89abcdef0123456789abcdef";

    [Theory]
    [InlineData("get-peers magnet:?xt=urn:btih:" + Base32 + "&dn=a%20b")]
    [InlineData("get-peers urn:btmh:1220" + V2)]
    [InlineData("announce " + Base32 + " --port 1")]
    public async Task AnyFormIsTaken(string command)
    {
        await using LoopbackDht dht = await LoopbackDht.StartAsync(1);
        DhtResult result = await DhtProcess.RunAsync([.. command.Split(' '), .. dht.Arguments, "--json", "--quiet"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(Hex, result.Json.GetProperty("infoHash").GetString());
    }

    [Theory]
    [InlineData("get-peers magnet:?dn=nothing", "INFOHASH: the magnet link names no torrent")]
    [InlineData("get-peers urn:btmh:1120" + Hex, "INFOHASH: 'urn:btmh:1120")]
    [InlineData("get-peers 0123456789abcdef0123456789abcdef0123456", "INFOHASH takes 40 hexadecimal digits, base32 ")]
    [InlineData("find-node magnet:?xt=urn:btih:" + Hex, "ID takes 40 hexadecimal digits")]
    public async Task WhatIsNoInfoHash_IsASentence(string command, string sentence)
    {
        DhtResult result = await DhtProcess.RunAsync([.. command.Split(' ')]);

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("dht: " + sentence, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
