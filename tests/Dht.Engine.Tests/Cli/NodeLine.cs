using System.Globalization;
using System.Net;
using System.Text.Json;
using Dht.Engine.Identity;

namespace Dht.Engine.Tests.Cli;

/// <summary>One node as read back from an output file.</summary>
internal sealed record NodeLine(
    string Id, string Ip, int Port, double RttMs, string Version, string FirstSeen, string LastSeen)
{
    public static NodeLine ParseJson(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement node = document.RootElement;
        return new NodeLine(
            node.GetProperty("id").GetString()!,
            node.GetProperty("ip").GetString()!,
            node.GetProperty("port").GetInt32(),
            node.GetProperty("rttMs").GetDouble(),
            node.GetProperty("version").GetString()!,
            node.GetProperty("firstSeen").GetString()!,
            node.GetProperty("lastSeen").GetString()!);
    }

    /// <summary>Reads a row without quoted values.</summary>
    public static NodeLine ParseCsv(string line)
    {
        string[] values = line.Split(',');
        Assert.Equal(7, values.Length);
        return new NodeLine(
            values[0],
            values[1],
            int.Parse(values[2], CultureInfo.InvariantCulture),
            double.Parse(values[3], CultureInfo.InvariantCulture),
            values[4],
            values[5],
            values[6]);
    }

    /// <summary>Checks that it can be a node of a swarm, seen just now.</summary>
    public void Check()
    {
        Assert.True(NodeId.TryParse(Id, out _), Id);
        Assert.StartsWith("127.", IPAddress.Parse(Ip).ToString(), StringComparison.Ordinal);
        Assert.InRange(Port, 1, ushort.MaxValue);
        Assert.InRange(RttMs, 0.001, 60_000);
        Assert.InRange(Version.Length, 0, 32);
        Assert.True(TimeOf(FirstSeen) <= TimeOf(LastSeen), $"{FirstSeen} {LastSeen}");
        Assert.InRange(DateTime.UtcNow - TimeOf(LastSeen), TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(5));
    }

    private static DateTime TimeOf(string text) => DateTime.ParseExact(
        text,
        "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
        CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
