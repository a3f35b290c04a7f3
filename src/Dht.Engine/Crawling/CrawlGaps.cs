namespace Dht.Engine.Crawling;

/// <summary>Why a crawl cannot say that it is complete.</summary>
[Flags]
public enum CrawlGaps
{
    /// <summary>
    /// Every node that was named was asked, and again if it was silent, while the line worked; none was left out for
    /// lack of room. The odd node that only refuses, or that cannot be sent to, is no gap: liars name such.
    /// </summary>
    None = 0,

    /// <summary>Nodes are left to be asked (<see cref="CrawlCounters.Frontier"/>).</summary>
    Unasked = 1,

    /// <summary>
    /// More than one node in a hundred could not be asked because the system refuses to send to it
    /// (<see cref="CrawlCounters.NodesUnsendable"/>, <see cref="CrawlCounters.NotSent"/>).
    /// </summary>
    NotSent = 2,

    /// <summary>No node has answered at all, not even with an error.</summary>
    NobodyAnswered = 4,

    /// <summary>
    /// Nobody answers any more, not even those that have answered before, or nothing can be sent: our own line seems to
    /// be down.
    /// </summary>
    Offline = 8,

    /// <summary>
    /// Of those that answer, more than one node in twenty gave nothing but errors each time it was asked
    /// (<see cref="CrawlCounters.NodesRefusing"/>): what they alone know is missing.
    /// </summary>
    Refused = 16,

    /// <summary>The known set had no room for some nodes (<see cref="CrawlCounters.KnownSetFull"/>).</summary>
    KnownSetFull = 32,
}
