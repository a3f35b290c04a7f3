using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <summary>
/// A node that has answered a crawl for the first time. Borrowed for the duration of the call it is handed to.
/// </summary>
public readonly ref struct CrawledNode
{
    /// <summary>The id that it answered with.</summary>
    public required NodeId Id { get; init; }

    /// <summary>Where it answered from.</summary>
    public required Endpoint Endpoint { get; init; }

    /// <summary>From our query to its answer.</summary>
    public required TimeSpan RoundTrip { get; init; }

    /// <summary><c>v</c>, raw; may be empty.</summary>
    public required ReadOnlySpan<byte> Version { get; init; }

    /// <summary>When it was first named (to the millisecond).</summary>
    public required Instant FirstSeen { get; init; }

    /// <summary>When it answered.</summary>
    public required Instant LastSeen { get; init; }
}
