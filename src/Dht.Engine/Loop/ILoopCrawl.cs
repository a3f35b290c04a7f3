using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>What the loop needs of a crawl that it carries. On the loop's thread, except for the properties.</summary>
internal interface ILoopCrawl
{
    /// <summary>Whether it has ended.</summary>
    bool IsOver { get; }

    /// <summary>When <see cref="Tick"/> has something to do.</summary>
    Instant NextDeadline { get; }

    /// <summary>What it has done so far.</summary>
    CrawlCounters Counters { get; }

    /// <summary>Does what is due, and ends the crawl when that is due.</summary>
    void Tick(Instant now);

    /// <summary>Takes a reply to one of its queries; false when the message is not for it.</summary>
    bool TrySettle(in KrpcMessage message, in Endpoint source, Instant now);

    /// <summary>Ends it with what was gathered; when the loop failed, with that failure.</summary>
    void End(Exception? failure);
}
