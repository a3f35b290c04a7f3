using Dht.Engine.Crawling;

namespace Dht.Cli.Output;

/// <summary>How a file of nodes is written: the same fields in the same order, with other bytes between them.</summary>
internal abstract class NodeFormat(WallClock clock)
{
    private const int FieldsSizeMax = 256;

    /// <summary>The first bytes of the file; may be empty.</summary>
    public abstract ReadOnlySpan<byte> Header { get; }

    /// <summary>The first bytes of every file that has rows.</summary>
    public abstract ReadOnlySpan<byte> FileStart { get; }

    /// <summary>What ends a row.</summary>
    public abstract ReadOnlySpan<byte> LineEnd { get; }

    /// <summary>The most bytes of a row.</summary>
    public int RowSizeMax => FieldsSizeMax + SeparatorsSize + (2 * VersionText.SizeMax);

    /// <summary>All separators of a row together, and what encloses it.</summary>
    protected abstract int SeparatorsSize { get; }

    /// <summary>
    /// Writes a row with its line end, and returns its length. Called on the crawl's thread: allocates nothing.
    /// </summary>
    public int Write(Span<byte> destination, in CrawledNode node)
    {
        var row = new Utf8Row(destination);
        row.Text(Before(NodeField.Id));
        row.Id(node.Id);
        row.Text(Before(NodeField.Address));
        row.Address(node.Endpoint);
        row.Text(Before(NodeField.Port));
        row.Number(node.Endpoint.Port);
        row.Text(Before(NodeField.RoundTrip));
        row.Milliseconds(node.RoundTrip);
        row.Text(Before(NodeField.Version));
        Span<byte> version = stackalloc byte[VersionText.SizeMax];
        WriteVersion(ref row, version[..VersionText.Write(node.Version, version)]);
        row.Text(Before(NodeField.FirstSeen));
        row.Time(clock.At(node.FirstSeen));
        row.Text(Before(NodeField.LastSeen));
        row.Time(clock.At(node.LastSeen));
        row.Text(Before(NodeField.End));
        return row.Length;
    }

    /// <summary>Whether the bytes of a last row, without its line end, are all of it.</summary>
    public abstract bool IsWhole(ReadOnlySpan<byte> row);

    /// <summary>What comes before a field.</summary>
    protected abstract ReadOnlySpan<byte> Before(NodeField field);

    /// <summary>Writes the one text that strangers choose, escaped.</summary>
    protected abstract void WriteVersion(scoped ref Utf8Row row, scoped ReadOnlySpan<byte> text);
}
