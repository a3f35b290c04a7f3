using System.Globalization;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Crawling;

namespace Dht.Cli.Crawl;

/// <summary>A line every two seconds: for logs.</summary>
internal sealed class PlainProgress : ICrawlProgress
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly CrawlRates _rates = new();

    public void Follow(CrawlWatch watch) =>
        watch.Follow(Interval, () => Show(watch));

    private void Show(CrawlWatch watch)
    {
        if (watch.TakeRefusal() is { } refusal)
        {
            StandardError.WriteLine(refusal);
        }

        StandardError.WriteLine(Describe(watch));
    }

    private string Describe(CrawlWatch watch)
    {
        CrawlReport report = watch.Progress;
        CrawlCounters counters = report.Counters;
        (double queries, double responses) = _rates.Since(counters);
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Elapsed.TotalSeconds,6:N0} s  alive {counters.NodesAlive:N0}  seen {counters.NodesSeen:N0}"
            + $"  frontier {counters.Frontier:N0}  queries/s {queries:N0}  responses/s {responses:N0}"
            + $"  in flight {counters.InFlight}/{counters.Window}{Human.Lost(watch.Transport.KernelDropped)}");
        string waiting = CrawlStateText.Waiting(report);
        string recall = watch.Recall is { } swarm
            ? $"  recall {Human.Percent(swarm.Found, swarm.Live)}"
            : string.Empty;
        return $"{line}{recall}{(waiting.Length > 0 ? "  " : string.Empty)}{waiting}";
    }
}
