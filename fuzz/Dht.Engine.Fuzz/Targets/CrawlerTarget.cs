using Dht.Engine.Fuzz.Programs;

namespace Dht.Engine.Fuzz.Targets;

/// <summary>
/// A whole crawl among nodes that answer with broken and lying replies, or not at all: it stays well, keeps its
/// books, allocates nothing, and comes to its end.
/// </summary>
public sealed class CrawlerTarget : IFuzzTarget
{
    private readonly CrawlProgram _program = new();

    /// <inheritdoc/>
    public string Name => "crawler";

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        [0, 63, 20, 0, 1, 0, 0, 0, 3, 0, 7, 1, 1, 0, 0, 0, 3, 0, 7, 40, 1, 0, 0, 0, 3, 0, 6, 90],
        [33, 7, 52, 0, 1, 0, 0, 0, 3, 0, 2, 1, 0, 0, 15, 255, 3, 0, 3, 40, 0, 0, 0, 50, 2, 0, 32, 0, 4, 0, 9, 0],
        [26, 63, 5, 0, 1, 0, 0, 0, 5, 20, 1, 3, 2, 0, 3, 8, 6, 44, 0, 0, 7, 1, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0,
            0],
    ];

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Dictionary { get; } =
        [[1, 0, 0, 0], [3, 0, 7, 1], [3, 0, 3, 64], [2, 0, 6, 9], [0, 0, 0, 50], [0, 0, 15, 255], [6, 44, 0, 0],
            [3, 0, 32, 0], [3, 0, 8, 0]];

    /// <inheritdoc/>
    public IReadOnlyList<string> Namespaces { get; } = ["Dht.Engine.Crawling", "Dht.Engine.Rpc"];

    /// <inheritdoc/>
    public InputShape Shape => InputShape.Commands;

    /// <inheritdoc/>
    public int LengthMax => 256;

    /// <inheritdoc/>
    public void Execute(ReadOnlySpan<byte> input) => _program.Run(input);
}
