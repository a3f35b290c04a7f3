namespace Dht.Engine.Crawling;

/// <summary>What a crawl has done so far.</summary>
public record struct CrawlCounters
{
    /// <summary>Distinct endpoints met.</summary>
    public long NodesSeen { get; set; }

    /// <summary>Of these, those that have given a valid response at least once.</summary>
    public long NodesAlive { get; set; }

    /// <summary>Of those not alive, the nodes that have answered with errors.</summary>
    public long NodesRefusing { get; set; }

    /// <summary>
    /// Nodes given up because the system refuses to send to them, while others are sent to and answer.
    /// </summary>
    public long NodesUnsendable { get; set; }

    /// <summary>
    /// Of those seen, the nodes that it began at. When there are no others, those that answered named nobody.
    /// </summary>
    public long Entries { get; set; }

    /// <summary>
    /// Queries staged. Each ends in exactly one of <see cref="Responses"/>, <see cref="Errors"/>,
    /// <see cref="Timeouts"/>, <see cref="NotSent"/>, <see cref="TakenBack"/>.
    /// </summary>
    public long Queries { get; set; }

    /// <summary>
    /// Of these, those to nodes that had answered before, only to learn whether the line works.
    /// </summary>
    public long Probes { get; set; }

    /// <summary>Valid responses to them.</summary>
    public long Responses { get; set; }

    /// <summary>Errors (<c>y</c> = <c>e</c>) in answer to them.</summary>
    public long Errors { get; set; }

    /// <summary>Queries that no node answered.</summary>
    public long Timeouts { get; set; }

    /// <summary>
    /// Queries that the system refused to send. Their nodes count as not asked, and the crawl slows down to what is let
    /// out.
    /// </summary>
    public long NotSent { get; set; }

    /// <summary>
    /// Queries that were open while nobody at all answered. Their nodes count as not asked.
    /// </summary>
    public long TakenBack { get; set; }

    /// <summary>Replies that carried our own id or no id, or came from the wrong place.</summary>
    public long Rejected { get; set; }

    /// <summary>Contacts that were not believed because the address policy refuses their endpoint.</summary>
    public long BogonsRefused { get; set; }

    /// <summary>Contacts that were not believed because their IP address has too many nodes already.</summary>
    public long CrowdedRefused { get; set; }

    /// <summary>Contacts that the known set had no room for.</summary>
    public long KnownSetFull { get; set; }

    /// <summary>Answers that came after the short timeout had given up their place in the window.</summary>
    public long Late { get; set; }

    /// <summary>Queries in flight that hold a place in the window.</summary>
    public int InFlight { get; set; }

    /// <summary>How many may be in flight now.</summary>
    public int Window { get; set; }

    /// <summary>
    /// Nodes still to be asked, as far as is known now; the silent that are to be asked again included.
    /// </summary>
    public long Frontier { get; set; }

    /// <summary>Bytes of the known set and the frontier.</summary>
    public long KnownSetBytes { get; set; }
}
