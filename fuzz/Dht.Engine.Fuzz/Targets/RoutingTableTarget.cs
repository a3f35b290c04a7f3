using Dht.Engine.Fuzz.Programs;

namespace Dht.Engine.Fuzz.Targets;

/// <summary>Both routing tables against a plain model of what they are meant to do.</summary>
public sealed class RoutingTableTarget : IFuzzTarget
{
    private readonly TableProgram _program = new();

    /// <inheritdoc/>
    public string Name => "routing-table";

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        [0, 5, 0, 0, 0, 4, 4, 0, 0, 9, 9, 0, 0, 13, 13, 0, 0, 17, 17, 0, 4, 0, 0, 0, 2, 0, 0, 128, 2, 0, 0, 128, 6, 0,
            3, 132, 5, 0, 0, 0, 4, 0, 0, 0],
        [1, 20, 0, 0, 0, 4, 4, 0, 0, 8, 8, 0, 0, 12, 12, 0, 0, 16, 16, 0, 0, 20, 20, 0, 3, 1, 0, 128, 7, 5, 0, 0, 0, 24,
            24, 0, 6, 0, 0, 40, 4, 0, 0, 0],
        [3, 133, 0, 0, 0, 1, 4, 0, 0, 5, 8, 0, 0, 1, 12, 0, 0, 9, 9, 127, 2, 0, 0, 128, 2, 1, 0, 128, 7, 6, 0, 0, 5, 0,
            0, 0],
    ];

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Dictionary { get; } =
        [[4, 0, 0, 0], [5, 0, 0, 0], [6, 0, 3, 132], [6, 0, 0, 30], [2, 0, 0, 128], [2, 1, 0, 128], [0, 0, 0, 128],
            [7, 5, 0, 0], [7, 0, 0, 0]];

    /// <inheritdoc/>
    public IReadOnlyList<string> Namespaces { get; } = ["Dht.Engine.Routing"];

    /// <inheritdoc/>
    public InputShape Shape => InputShape.Commands;

    /// <inheritdoc/>
    public int LengthMax => 400;

    /// <inheritdoc/>
    public void Execute(ReadOnlySpan<byte> input) => _program.Run(input);
}
