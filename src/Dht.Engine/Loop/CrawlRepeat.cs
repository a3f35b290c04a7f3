using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>
/// What a crawl without an end does when everybody has been asked: it asks the silent and its entries again, after a
/// minute, and less and less often while that brings nothing. Names are resolved again then.
/// </summary>
/// <param name="findStart">Resolves the names; null when there are none.</param>
/// <param name="host">Woken when they are resolved.</param>
internal sealed class CrawlRepeat(Func<Task<IReadOnlyList<Endpoint>>>? findStart, ICrawlHost host)
{
    private static readonly TimeSpan First = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private TimeSpan _interval = First;
    private Task _finding = Task.CompletedTask;
    private long _aliveBefore;
    private volatile IReadOnlyList<Endpoint>? _found;

    /// <summary>When there is something to do.</summary>
    public Instant Due { get; private set; } = Instant.Never;

    /// <summary>Does what is due; after each tick of the crawl.</summary>
    public void Tick(Crawler crawler, Instant now)
    {
        if (_found is { } found)
        {
            _found = null;
            foreach (Endpoint endpoint in found)
            {
                crawler.AddEndpoint(endpoint, now);
            }
        }

        if (!crawler.IsOver)
        {
            Due = Instant.Never;
        }
        else if (Due == Instant.Never)
        {
            Begin(crawler.Counters.NodesAlive, now);
        }
        else if (now >= Due)
        {
            Due = Instant.Never;
            Find();
            crawler.AskAgain(now);
        }
    }

    private void Begin(long alive, Instant now)
    {
        _interval = alive > _aliveBefore ? First : Longest < _interval * 2 ? Longest : _interval * 2;
        _aliveBefore = alive;
        Due = now + _interval;
    }

    private void Find()
    {
        if (findStart != null && _finding.IsCompleted)
        {
            _finding = Task.Run(FindAsync);
        }
    }

    private async Task FindAsync()
    {
        try
        {
            _found = await findStart!().ConfigureAwait(false);
            host.Wake();
        }
        catch (Exception fault)
        {
            host.Faults.Report(fault);
        }
    }
}
