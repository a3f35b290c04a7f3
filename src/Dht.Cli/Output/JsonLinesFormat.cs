using Dht.Engine.Crawling;

namespace Dht.Cli.Output;

/// <summary>One JSON object per line.</summary>
internal sealed class JsonLinesFormat(WallClock clock) : INodeFormat
{
    public ReadOnlySpan<byte> Header => [];

    public int RowSizeMax => 320 + (2 * VersionText.SizeMax);

    public int Write(Span<byte> destination, in CrawledNode node)
    {
        var row = new Utf8Row(destination);
        row.Text("{\"id\":\""u8);
        row.Id(node.Id);
        row.Text("\",\"ip\":\""u8);
        row.Address(node.Endpoint);
        row.Text("\",\"port\":"u8);
        row.Number(node.Endpoint.Port);
        row.Text(",\"rttMs\":"u8);
        row.Milliseconds(node.RoundTrip);
        row.Text(",\"version\":\""u8);
        WriteVersion(ref row, node.Version);
        row.Text("\",\"firstSeen\":\""u8);
        row.Time(clock.At(node.FirstSeen));
        row.Text("\",\"lastSeen\":\""u8);
        row.Time(clock.At(node.LastSeen));
        row.Text("\"}\n"u8);
        return row.Length;
    }

    private static void WriteVersion(ref Utf8Row row, ReadOnlySpan<byte> version)
    {
        Span<byte> text = stackalloc byte[VersionText.SizeMax];
        text = text[..VersionText.Write(version, text)];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is (byte)'"' or (byte)'\\')
            {
                row.Text("\\"u8);
            }

            row.Text(text.Slice(i, 1));
        }
    }
}
