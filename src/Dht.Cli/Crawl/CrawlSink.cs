using Dht.Cli.Output;
using Dht.Engine.Crawling;

namespace Dht.Cli.Crawl;

/// <summary>
/// Hands what a crawl finds to the output file and to the count of found swarm nodes, on the crawl's thread.
/// </summary>
internal sealed class CrawlSink(NodeFile? file, SwarmRecall? recall) : ICrawlObserver
{
    public bool IsReady => file == null || file.IsReady;

    public void OnNode(in CrawledNode node)
    {
        recall?.Add(node.Endpoint);
        file?.Add(node);
    }
}
