namespace Dht.Engine.Crawling;

/// <summary>Where a known node is in the crawl; <see cref="CrawlState"/> shows how one step leads to another.</summary>
internal enum CrawlStep : byte
{
    /// <summary>Named in an answer, not asked yet.</summary>
    Heard,

    /// <summary>A query to it is open.</summary>
    Asking,

    /// <summary>It waits in the ring for its next query.</summary>
    Queued,

    /// <summary>It should be asked, but there was no room in the ring: found by the next scan.</summary>
    Owed,

    /// <summary>It did not answer its last query; to be asked again at the end.</summary>
    Silent,

    /// <summary>It answered its last query with an error; to be asked again a little later.</summary>
    Refused,

    /// <summary>Nothing more to ask.</summary>
    Done,
}
