namespace Dht.Cli.Output;

/// <summary>Comma-separated values by RFC 4180, with a header.</summary>
internal sealed class CsvFormat(WallClock clock) : NodeFormat(clock)
{
    private const int Commas = 6;

    public override ReadOnlySpan<byte> Header => "id,ip,port,rttMs,version,firstSeen,lastSeen\r\n"u8;

    public override ReadOnlySpan<byte> FileStart => Header;

    public override ReadOnlySpan<byte> LineEnd => "\r\n"u8;

    protected override int SeparatorsSize => 8;

    // The last two fields are times, and end so; a version may hold more commas.
    public override bool IsWhole(ReadOnlySpan<byte> row) => row.EndsWith("Z"u8) && row.Count((byte)',') >= Commas;

    protected override ReadOnlySpan<byte> Before(NodeField field) => field switch
    {
        NodeField.Id => default,
        NodeField.End => "\r\n"u8,
        _ => ","u8,
    };

    protected override void WriteVersion(scoped ref Utf8Row row, scoped ReadOnlySpan<byte> text)
    {
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
