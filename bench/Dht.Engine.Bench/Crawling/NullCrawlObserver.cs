using Dht.Engine.Crawling;

namespace Dht.Engine.Bench;

/// <summary>An observer that keeps nothing.</summary>
internal sealed class NullCrawlObserver : ICrawlObserver
{
    public void OnNode(in CrawledNode node)
    {
    }
}
