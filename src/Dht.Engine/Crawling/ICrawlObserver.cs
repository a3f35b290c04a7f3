namespace Dht.Engine.Crawling;

/// <summary>
/// Notified of what a crawl finds. Called from the thread that drives the crawl, so it must be quick.
/// </summary>
public interface ICrawlObserver
{
    /// <summary>
    /// Whether more results are welcome. While it is false no new query is sent; answers to those under way still
    /// come. This is how a slow disk slows the crawl instead of losing what was found.
    /// </summary>
    bool IsReady => true;

    /// <summary>A node has answered for the first time.</summary>
    void OnNode(in CrawledNode node);
}
