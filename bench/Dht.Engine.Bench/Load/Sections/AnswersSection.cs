using System.Globalization;
using Dht.Engine.Bench.Load.Servers;

namespace Dht.Engine.Bench.Load.Sections;

/// <summary>How many queries each server answers per second at most.</summary>
internal static class AnswersSection
{
    public const string Name = "answers";

    private static readonly string[] Yardsticks = [ServerNames.BareBatch, ServerNames.Libtorrent, ServerNames.BareRing];

    public static async Task RunAsync(LoadSession session)
    {
        for (int round = 1; round <= session.Options.Rounds; round++)
        {
            foreach (LoadServer server in session.Servers)
            {
                await session.MeasureMostAsync(Name, server, round).ConfigureAwait(false);
            }
        }

        Print(session);
    }

    private static void Print(LoadSession session)
    {
        IEnumerable<string> rounds = Enumerable.Range(1, session.Options.Rounds)
            .Select(static round => $"round {round}");
        var table = new TextTable(
            ["server", "reply B", .. rounds, "median", .. Yardsticks.Select(static name => $"/ {name}"),
                "server us each", "server cores", "load cores"]);
        foreach (LoadServer server in session.Servers)
        {
            var figures = session.FiguresOf(Name, server.Name);
            double[] rates = [.. figures.Select(static f => f.AnswersPerSecond)];
            table.Add(
            [
                server.Name,
                Text(Statistics.Median(figures.Select(static f => f.ReplySize)), "F0"),
                .. rates.Select(static rate => Text(rate, "N0")),
                Text(Statistics.Median(rates), "N0"),
                .. Yardsticks.Select(name => Ratio(rates,
                [.. session.FiguresOf(Name, name).Select(static f => f.AnswersPerSecond)])),
                Text(Statistics.Median(figures.Select(static f => 1e6 * f.ServerSeconds / f.Answered)), "F2"),
                Text(Statistics.Median(figures.Select(static f => f.ServerCores)), "F2"),
                Text(Statistics.Median(figures.Select(static f => f.GeneratorCores)), "F2"),
            ]);
        }

        table.Print(
            $"Answers per second (find_node, {session.Options.Window} under way). Ratios: of the medians, and in "
                + "brackets the median of each round's own.");
    }

    private static string Ratio(double[] rates, double[] others) => others.Length == 0
        ? "-"
        : $"{Text(Statistics.Median(rates) / Statistics.Median(others), "F2")} "
            + $"({Text(Statistics.MedianRatio(rates, others), "F2")})";

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
