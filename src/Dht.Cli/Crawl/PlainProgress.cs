using System.Diagnostics;
using System.Globalization;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Crawling;

namespace Dht.Cli.Crawl;

/// <summary>A line every two seconds: for logs.</summary>
internal sealed class PlainProgress : ICrawlProgress
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Rate _queries = new();
    private readonly Rate _responses = new();

    public void Follow(CrawlWatch watch)
    {
        long shownAt = Stopwatch.GetTimestamp();
        while (watch.Wait())
        {
            if (Stopwatch.GetElapsedTime(shownAt) >= Interval)
            {
                shownAt = Stopwatch.GetTimestamp();
                StandardError.WriteLine(Describe(watch));
            }
        }
    }

    private string Describe(CrawlWatch watch)
    {
        CrawlReport report = watch.Progress;
        CrawlCounters counters = report.Counters;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Elapsed.TotalSeconds,6:N0} s  alive {counters.NodesAlive:N0}  seen {counters.NodesSeen:N0}  frontier {counters.Frontier:N0}"
            + $"  queries/s {_queries.Since(counters.Queries):N0}  responses/s {_responses.Since(counters.Responses):N0}"
            + $"  in flight {counters.InFlight}/{counters.Window}{Human.Lost(watch.PacketsLost)}");
        return watch.Recall is { } recall ? $"{line}  recall {Human.Percent(recall.Found, recall.Live)}" : line;
    }
}
