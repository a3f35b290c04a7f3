namespace Dht.Cli.Crawl;

/// <summary>Shows nothing.</summary>
internal sealed class NoProgress : ICrawlProgress
{
    public void Follow(CrawlWatch watch) => watch.Follow(TimeSpan.MaxValue, static () => { });
}
