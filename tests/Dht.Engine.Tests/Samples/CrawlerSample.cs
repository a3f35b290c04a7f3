using Dht.Engine.Addressing;
using Dht.Engine.Crawling;

namespace Dht.Engine.Tests.Samples;

/// <summary>The crawler of the README, as it appears there.</summary>
internal static class CrawlerSample
{
    public static async Task<CrawlReport> Run(IEnumerable<HostPort> places, AddressPolicy policy, TextWriter output)
    {
        // sample: crawler
        await using var engine = new DhtEngine(new DhtEngineOptions { AddressPolicy = policy });
        engine.Start();
        CrawlReport report = await engine.CrawlAsync(new CrawlRequest
        {
            Start = await BootstrapNodes.ResolveAsync(places, IpFamily.IPv4),
            Observer = new NodePrinter(output),
        });
        output.WriteLine(
            $"{report.Counters.NodesAlive} of {report.Counters.NodesSeen} nodes answered in {report.Elapsed}");
        // end
        return report;
    }

    // sample: observer
    private sealed class NodePrinter(TextWriter output) : ICrawlObserver
    {
        public void OnNode(in CrawledNode node) => output.WriteLine($"{node.Id} at {node.Endpoint}, {node.RoundTrip}");
    }
    // end
}
