namespace Dht.Cli.Crawl;

/// <summary>Shows how a crawl goes on, on standard error.</summary>
internal interface ICrawlProgress
{
    /// <summary>Follows the crawl to its end.</summary>
    void Follow(CrawlWatch watch);
}
