using System.Globalization;
using Dht.Engine.Bench.Load.Servers;

namespace Dht.Engine.Bench.Load.Sections;

/// <summary>How long askers wait when a server has half of the load that it can bear.</summary>
internal static class LatencySection
{
    public const string Name = "latency";

    public static bool Measures(string server) => server is not (ServerNames.BareNap or ServerNames.BareRing);

    public static async Task RunAsync(LoadSession session)
    {
        LoadServer[] servers = [.. session.Servers.Where(static server => Measures(server.Name))];
        var rates = new Dictionary<string, double>();
        foreach (LoadServer server in servers)
        {
            if (session.FiguresOf(AnswersSection.Name, server.Name).Count == 0)
            {
                await session.MeasureMostAsync(AnswersSection.Name, server, 1).ConfigureAwait(false);
            }

            rates[server.Name] = Statistics.Median(
                session.FiguresOf(AnswersSection.Name, server.Name).Select(static f => f.AnswersPerSecond)) / 2;
        }

        for (int round = 1; round <= session.Options.Rounds; round++)
        {
            foreach (LoadServer server in servers)
            {
                await session.MeasureAtRateAsync(Name, server, round, rates[server.Name]).ConfigureAwait(false);
            }
        }

        var table = new TextTable(
            "server", "queries/s", "answered %", "p50 us", "p99 us", "p99.9 us", "max us", "server cores",
            "sent late p99.9 us");
        foreach (LoadServer server in servers)
        {
            var figures = session.FiguresOf(Name, server.Name);
            table.Add(
                server.Name,
                Text(rates[server.Name], "N0"),
                Text(Statistics.Median(figures.Select(static f => f.AnsweredPercent)), "F2"),
                Text(Statistics.Median(figures.Select(static f => f.P50)), "N0"),
                Text(Statistics.Median(figures.Select(static f => f.P99)), "N0"),
                Text(Statistics.Median(figures.Select(static f => f.P999)), "N0"),
                Text(Statistics.Median(figures.Select(static f => f.Max)), "N0"),
                Text(Statistics.Median(figures.Select(static f => f.ServerCores)), "F2"),
                Text(Statistics.Median(figures.Select(static f => f.LateP999)), "N0"));
        }

        table.Print("Latency at half of each server's own maximum, from the scheduled time of a query to its "
            + "answer. Medians of the rounds.");
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
