using Dht.Engine.Addressing;
using Dht.Engine.Crawling;

namespace Dht.Engine;

/// <content>Crawls over the engine's socket.</content>
public sealed partial class DhtEngine
{
    /// <summary>
    /// Starts a crawl over the engine's socket. One at a time: while another is under way, the completion of this one
    /// fails.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The engine is not started, has no room for calls, or there is nowhere to begin.
    /// </exception>
    public CrawlHandle StartCrawl(CrawlRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Validate();
        EngineLoop loop = Running();
        CrawlOptions options = request.Options;
        var run = new CrawlRun(
            request with
            {
                Start = StartOf(request, loop),
                FindStart = request.FindStart ?? (request.Start.Count > 0 ? null : loop.Hosts.ResolveAgainAsync),
                Options = options with
                {
                    ReadOnly = options.ReadOnly || _options.Node.ReadOnly,
                    Families = options.Families != IpFamily.None ? options.Families : loop.Families,
                },
            },
            new GuardedCrawlObserver(request.Observer, loop.Faults),
            loop);
        return loop.TryPost(run) ? new CrawlHandle(run) : throw CannotPost(loop);
    }

    /// <summary>
    /// Crawls and awaits the end. Without <see cref="CrawlRequest.Start"/> it first waits until the names of the
    /// engine's routers and bootstrap nodes are resolved.
    /// </summary>
    /// <param name="request">What to crawl.</param>
    /// <param name="stop">Ends the crawl early. That is no error: the report says how far it got.</param>
    /// <exception cref="InvalidOperationException">As for <see cref="StartCrawl"/>.</exception>
    public async Task<CrawlReport> CrawlAsync(CrawlRequest request, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Start.Count == 0)
        {
            EngineLoop loop = Running();
            await loop.UntilResolvedAsync(stop).ConfigureAwait(false);
            if (stop.IsCancellationRequested && loop.Hosts.Known.Count == 0)
            {
                // Ended before there was anywhere to begin: it got no farther.
                return default;
            }
        }

        CrawlHandle crawl = StartCrawl(request);
        await using (stop.UnsafeRegister(static state => ((CrawlHandle)state!).Stop(), crawl).ConfigureAwait(false))
        {
            return await crawl.Completion.ConfigureAwait(false);
        }
    }

    private static IReadOnlyList<Endpoint> StartOf(CrawlRequest request, EngineLoop loop)
    {
        IReadOnlyList<Endpoint> start = request.Start.Count > 0
            ? [.. request.Start.Select(static endpoint => endpoint.Unmap())]
            : loop.Hosts.Known;
        return start.Count > 0
            ? start
            : throw new InvalidOperationException(
                "A crawl needs somewhere to begin: set CrawlRequest.Start, or Bootstrap or Routers of "
                    + "DhtEngineOptions, "
                + "and await JoinAsync when these are names.");
    }
}
