using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <summary>How fast a crawl may go: packets and new destinations per second, and queries in flight.</summary>
internal sealed class CrawlPace(CrawlOptions options)
{
    /// <summary>A fiftieth of a second's worth may be sent at once.</summary>
    public const int BurstsPerSecond = 50;

    private readonly SendLimit _limit = new(options.QueriesPerSecond);

    private TokenBucket _packets = BucketFor(options.QueriesPerSecond);
    private TokenBucket _newDestinations = BucketFor(options.NewDestinationsPerSecond);

    /// <summary>How many queries may be in flight.</summary>
    public CrawlWindow Window { get; } = new(options.InFlightMax);

    /// <summary>Whether the system lets out less than the options allow.</summary>
    public bool IsLimited => !double.IsInfinity(_limit.PerSecond);

    /// <summary>When a packet may be sent; now, if one may.</summary>
    public Instant NextPacket(Instant now) => Instant.Max(_limit.NextOpen(now), _packets.NextOpen(now));

    /// <summary>When a node may be contacted for the first time; now, if one may.</summary>
    public Instant NextNewDestination(Instant now) => _newDestinations.NextOpen(now);

    /// <summary>Whether a node may be contacted for the first time.</summary>
    public bool MayContactNew(Instant now) => _newDestinations.IsOpen(now);

    /// <summary>A query was sent.</summary>
    /// <param name="isNew">Whether nothing was sent to the node before.</param>
    /// <param name="now">The current instant.</param>
    public void OnSent(bool isNew, Instant now)
    {
        _packets.TryTake(now);
        _limit.OnSent(now);
        if (isNew)
        {
            _newDestinations.TryTake(now);
        }

        Window.OnSent();
    }

    /// <summary>The system did not send a query: it has gone nowhere.</summary>
    /// <param name="isNew">Whether nothing was sent to the node before.</param>
    public void OnNotSent(bool isNew)
    {
        _limit.OnNotSent();
        if (isNew)
        {
            _newDestinations.GiveBack();
        }
    }

    /// <summary>Looks how much the system lets out.</summary>
    public void Update(Instant now) => _limit.Update(now);

    private static TokenBucket BucketFor(double perSecond) => new(perSecond, Math.Max(1, perSecond / BurstsPerSecond));
}
