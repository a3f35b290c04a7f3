using Dht.Engine.Crawling;

namespace Dht.Cli.Output;

/// <summary>Comma-separated values by RFC 4180, with a header.</summary>
internal sealed class CsvFormat(WallClock clock) : INodeFormat
{
    public ReadOnlySpan<byte> Header => "id,ip,port,rttMs,version,firstSeen,lastSeen\r\n"u8;

    public int RowSizeMax => 256 + (2 * VersionText.SizeMax);

    public int Write(Span<byte> destination, in CrawledNode node)
    {
        var row = new Utf8Row(destination);
        row.Id(node.Id);
        row.Text(","u8);
        row.Address(node.Endpoint);
        row.Text(","u8);
        row.Number(node.Endpoint.Port);
        row.Text(","u8);
        row.Milliseconds(node.RoundTrip);
        row.Text(","u8);
        WriteVersion(ref row, node.Version);
        row.Text(","u8);
        row.Time(clock.At(node.FirstSeen));
        row.Text(","u8);
        row.Time(clock.At(node.LastSeen));
        row.Text("\r\n"u8);
        return row.Length;
    }

    private static void WriteVersion(ref Utf8Row row, ReadOnlySpan<byte> version)
    {
        Span<byte> text = stackalloc byte[VersionText.SizeMax];
        text = text[..VersionText.Write(version, text)];
        if (!text.ContainsAny((byte)'"', (byte)','))
        {
            row.Text(text);
            return;
        }

        row.Text("\""u8);
        for (int i = 0; i < text.Length; i++)
        {
            row.Text(text[i] == (byte)'"' ? "\""u8 : default);
            row.Text(text.Slice(i, 1));
        }

        row.Text("\""u8);
    }
}
