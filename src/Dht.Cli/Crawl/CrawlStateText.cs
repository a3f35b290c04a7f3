using Dht.Engine;

namespace Dht.Cli.Crawl;

/// <summary>What a crawl waits for, and why it cannot say that it is complete: in words.</summary>
internal static class CrawlStateText
{
    /// <summary>What it waits for while nothing happens; empty while it asks on.</summary>
    public static string Waiting(in CrawlReport report) =>
        report.Counters is { Frontier: 0, InFlight: 0, NodesSeen: > 0 }
            ? "everybody known has been asked; waiting"
            : string.Empty;
}
