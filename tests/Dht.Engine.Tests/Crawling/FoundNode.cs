using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Crawling;

/// <summary>A <see cref="Dht.Engine.Crawling.CrawledNode"/> that can be kept.</summary>
internal sealed record FoundNode(
    NodeId Id,
    Endpoint Endpoint,
    TimeSpan RoundTrip,
    string Version,
    Instant FirstSeen,
    Instant LastSeen,
    Instant ReportedAt);
