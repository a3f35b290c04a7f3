using Dht.Engine.Addressing;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Crawling;

/// <summary>A query that a crawl sent.</summary>
/// <param name="IsFirst">Nothing was sent to this endpoint before.</param>
internal readonly record struct SentQuery(Instant At, Endpoint Destination, bool IsFirst);
