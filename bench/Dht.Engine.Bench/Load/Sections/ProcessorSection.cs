using System.Globalization;
using Dht.Engine.Bench.Load.Servers;

namespace Dht.Engine.Bench.Load.Sections;

/// <summary>What an even, moderate rate costs each server in processor time.</summary>
internal static class ProcessorSection
{
    public const string Name = "cpu";

    private static readonly (string Node, string Bare)[] Pairs =
        [(ServerNames.NodeBatch, ServerNames.BareNap), (ServerNames.NodeRing, ServerNames.BareRing)];

    public static async Task RunAsync(LoadSession session)
    {
        for (int round = 1; round <= session.Options.Rounds; round++)
        {
            foreach (LoadServer server in session.Servers)
            {
                await session.MeasureAtRateAsync(Name, server, round, session.Options.Rate).ConfigureAwait(false);
            }
        }

        var table = new TextTable("server", "answered %", "% of a core", "over its bare loop", "p50 us", "p99 us");
        foreach (LoadServer server in session.Servers)
        {
            var figures = session.FiguresOf(Name, server.Name);
            string? bare = Array.Find(Pairs, pair => pair.Node == server.Name).Bare;
            table.Add(
                server.Name,
                Text(Statistics.Median(figures.Select(static f => f.AnsweredPercent)), "F2"),
                Text(Percent(session, server.Name), "F1"),
                bare == null || session.Find(bare) == null
                    ? "-"
                    : $"{Text(Percent(session, server.Name) - Percent(session, bare), "+0.0;-0.0")} ({bare})",
                Text(Statistics.Median(figures.Select(static f => f.P50)), "N0"),
                Text(Statistics.Median(figures.Select(static f => f.P99)), "N0"));
        }

        table.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"CPU at {session.Options.Rate:N0} packets/s in and as many out. Medians of the rounds."));
    }

    private static double Percent(LoadSession session, string name) =>
        100 * Statistics.Median(session.FiguresOf(Name, name).Select(static f => f.ServerCores));

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
