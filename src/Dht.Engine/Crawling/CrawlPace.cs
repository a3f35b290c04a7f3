using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <summary>How fast a crawl may go: packets and new destinations per second, and queries in flight.</summary>
internal sealed class CrawlPace(CrawlOptions options)
{
    // A fiftieth of a second's worth may be sent at once.
    private const int BurstsPerSecond = 50;

    private TokenBucket _packets = BucketFor(options.QueriesPerSecond);
    private TokenBucket _newDestinations = BucketFor(options.NewDestinationsPerSecond);

    /// <summary>How many queries may be in flight.</summary>
    public CrawlWindow Window { get; } = new(options.InFlightMax);

    /// <summary>When a packet may be sent; now, if one may.</summary>
    public Instant NextPacket(Instant now) => _packets.NextOpen(now);

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
        if (isNew)
        {
            _newDestinations.TryTake(now);
        }

        Window.OnSent();
    }

    private static TokenBucket BucketFor(double perSecond) => new(perSecond, Math.Max(1, perSecond / BurstsPerSecond));
}
