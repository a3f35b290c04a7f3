using System.Globalization;
using Dht.Cli.Joining;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Crawling;
using Dht.Engine.Transport;
using Spectre.Console;

namespace Dht.Cli.Crawl;

/// <summary>A table that stays where it is while its numbers change: for terminals.</summary>
internal sealed class LiveProgress : ICrawlProgress
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly CrawlRates _rates = new();

    public void Follow(CrawlWatch watch)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new LiveOutput() });
        console.Live(Draw(watch)).AutoClear(true).Start(context =>
            watch.Follow(Interval, () => context.UpdateTarget(Draw(watch))));

        // It clears its place at the end, which the summary shall not be in yet.
        StandardError.Settle();
    }

    private Table Draw(CrawlWatch watch)
    {
        CrawlReport report = watch.Progress;
        CrawlCounters counters = report.Counters;
        (double queries, double responses) = _rates.Since(counters);
        Table table = new Table().RoundedBorder().HideHeaders()
            .AddColumn("").AddColumn("", static column => column.RightAligned());
        AddRow(table, "alive", Human.Count(counters.NodesAlive));
        AddRow(table, "seen", Human.Count(counters.NodesSeen));
        AddRow(table, "frontier", Human.Count(counters.Frontier));
        AddRow(table, "queries/s", Human.Count(queries));
        AddRow(table, "responses/s", Human.Count(responses));
        AddRow(
            table,
            "in flight / window",
            string.Create(CultureInfo.InvariantCulture, $"{counters.InFlight} / {counters.Window}"));
        AddRow(table, "elapsed", Human.Seconds(report.Elapsed));
        AddRow(table, "known set", Human.Bytes(counters.KnownSetBytes));
        TransportCounters transport = watch.Transport;
        if (transport.KernelDropped > 0)
        {
            AddRow(table, "lost in a full buffer", Human.Count(transport.KernelDropped));
        }

        if (transport.SendErrors > 0)
        {
            AddRow(table, "refused by the system", Human.Count(transport.SendErrors));
            AddRow(table, "why", SilenceReason.Describe(transport.LastSendError));
        }

        if (CrawlStateText.Waiting(report) is { Length: > 0 } waiting)
        {
            AddRow(table, "state", waiting);
        }

        if (watch.Recall is { } recall)
        {
            AddRow(table, "recall", Human.Percent(recall.Found, recall.Live));
        }

        return table;
    }

    private static void AddRow(Table table, string name, string value) =>
        table.AddRow(name, Markup.Escape(value));
}
