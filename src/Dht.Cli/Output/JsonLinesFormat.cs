namespace Dht.Cli.Output;

/// <summary>One JSON object per line.</summary>
internal sealed class JsonLinesFormat(WallClock clock) : NodeFormat(clock)
{
    public override ReadOnlySpan<byte> Header => [];

    public override ReadOnlySpan<byte> FileStart => "{\"id\":\""u8;

    public override ReadOnlySpan<byte> LineEnd => "\n"u8;

    protected override int SeparatorsSize => 96;

    public override bool IsWhole(ReadOnlySpan<byte> row) => row.EndsWith("Z\"}"u8);

    protected override ReadOnlySpan<byte> Before(NodeField field) => field switch
    {
        NodeField.Id => "{\"id\":\""u8,
        NodeField.Address => "\",\"ip\":\""u8,
        NodeField.Port => "\",\"port\":"u8,
        NodeField.RoundTrip => ",\"rttMs\":"u8,
        NodeField.Version => ",\"version\":\""u8,
        NodeField.FirstSeen => "\",\"firstSeen\":\""u8,
        NodeField.LastSeen => "\",\"lastSeen\":\""u8,
        _ => "\"}\n"u8,
    };

    protected override void WriteVersion(scoped ref Utf8Row row, scoped ReadOnlySpan<byte> text)
    {
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
