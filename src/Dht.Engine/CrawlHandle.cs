namespace Dht.Engine;

/// <summary>A crawl under way: await its end, look at its progress, or stop it. Thread-safe.</summary>
public sealed class CrawlHandle
{
    private readonly CrawlRun _run;

    internal CrawlHandle(CrawlRun run) => _run = run;

    /// <summary>Completes when the crawl ends, with what it did.</summary>
    public Task<CrawlReport> Completion => _run.Done;

    /// <summary>What it has done so far; the figures are taken one by one, not at one instant.</summary>
    public CrawlReport Progress => _run.Progress;

    /// <summary>Ends it early; <see cref="Completion"/> then has what was gathered.</summary>
    public void Stop() => _run.RequestStop();
}
