namespace Dht.Cli.Crawl;

/// <summary>Why a crawl ended.</summary>
internal enum CrawlEnd
{
    /// <summary>By itself: every node was asked, or enough nodes were found.</summary>
    Itself,

    /// <summary>The time that the user gave it was up.</summary>
    TimeUp,

    /// <summary>A signal.</summary>
    Interrupted,

    /// <summary>The output file could not be written.</summary>
    OutputFailed,

    /// <summary>None of the nodes that it began at has answered.</summary>
    NobodyAnswered,
}
