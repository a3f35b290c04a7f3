using Dht.Engine.Crawling;

namespace Dht.Cli.Output;

/// <summary>How a file of nodes is written.</summary>
internal interface INodeFormat
{
    /// <summary>The first bytes of the file; may be empty.</summary>
    ReadOnlySpan<byte> Header { get; }

    /// <summary>The most bytes of a row.</summary>
    int RowSizeMax { get; }

    /// <summary>Writes a row with its line end, and returns its length. Called on the crawl's thread: allocates nothing.</summary>
    int Write(Span<byte> destination, in CrawledNode node);
}
