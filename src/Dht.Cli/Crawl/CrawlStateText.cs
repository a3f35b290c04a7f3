using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Crawling;

namespace Dht.Cli.Crawl;

/// <summary>What a crawl waits for, and why it cannot say that it is complete: in words.</summary>
internal static class CrawlStateText
{
    /// <summary>What it waits for while nothing happens; empty while it asks on.</summary>
    public static string Waiting(in CrawlReport report) =>
        report.Gaps.HasFlag(CrawlGaps.Offline) ? "nobody answers any more; waiting for the network"
        : report.IsOver ? "everybody known has been asked; waiting"
        : string.Empty;

    /// <summary>Whether it is complete, and otherwise what is missing.</summary>
    public static string Outcome(in CrawlReport report)
    {
        CrawlCounters counters = report.Counters;
        string[] missing =
        [
            .. Missing(report.Gaps, CrawlGaps.Unasked, Count(counters.Frontier, "node is", "nodes are")
                + " left to be asked"),
            .. Missing(report.Gaps, CrawlGaps.NotSent, "the system refuses to send to "
                + Count(counters.NodesUnsendable, "node", "nodes")),
            .. Missing(report.Gaps, CrawlGaps.NobodyAnswered, "no node has answered"),
            .. Missing(report.Gaps, CrawlGaps.Offline, "nobody answered any more at the end"),
            .. Missing(report.Gaps, CrawlGaps.Refused, Count(counters.NodesRefusing, "node", "nodes")
                + " gave nothing but errors"),
            .. Missing(report.Gaps, CrawlGaps.KnownSetFull, "there was no room for "
                + Count(counters.KnownSetFull, "contact", "contacts")),
        ];
        string outcome = report.IsComplete ? "complete" : "not complete";
        string after = $"{outcome} after {Human.Seconds(report.Elapsed)}";
        bool isNobodyNamed = counters.NodesAlive > 0 && counters.NodesSeen == counters.Entries;
        return missing.Length > 0 ? $"{after}: {string.Join("; ", missing)}"
            : isNobodyNamed ? $"{after}: those that it began at named nobody"
            : after;
    }

    private static string[] Missing(CrawlGaps gaps, CrawlGaps gap, string said) => gaps.HasFlag(gap) ? [said] : [];

    private static string Count(long count, string one, string many) =>
        count == 1 ? $"1 {one}" : $"{Human.Count(count)} {many}";
}
