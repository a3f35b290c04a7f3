using Dht.Engine.Fuzz.Programs;

namespace Dht.Engine.Fuzz.Targets;

/// <summary>
/// A node among strangers who ask, answer, lie and fall silent: it stays well, ends what was begun, sends little,
/// allocates nothing, and answers a ping afterwards.
/// </summary>
public sealed class NodeTarget : IFuzzTarget
{
    private readonly NodeProgram _program = new();

    /// <inheritdoc/>
    public string Name => "node";

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        // Joins, is answered, ticks; is asked by many; looks up; lets a lookup time out; fills its tables and its
        // store, and is asked with the longest transaction id; learns its address.
        [0, 7, 0, 7, 2, 0, 0, 0, 4, 0, 6, 1, 2, 0, 0, 0, 4, 0, 6, 40, 2, 0, 0, 0, 4, 0, 6, 80, 0, 0, 1, 0],
        [0, 7, 0, 7, 5, 4, 0, 0, 5, 8, 1, 1, 5, 12, 2, 2, 5, 12, 3, 2, 5, 12, 2, 2, 5, 16, 4, 3, 3, 0, 0, 0, 2, 0, 0,
            0],
        [9, 7, 0, 7, 2, 0, 0, 0, 4, 0, 2, 9, 10, 2, 9, 5, 2, 0, 0, 0, 4, 0, 66, 3, 2, 0, 0, 0, 4, 0, 66, 30, 2, 0, 0, 0,
            4, 0, 0, 0],
        [4, 7, 0, 7, 10, 1, 9, 0, 1, 0, 0, 9, 2, 0, 0, 0, 2, 0, 0, 0, 8, 4, 0, 0, 8, 5, 1, 1, 0, 0, 15, 255, 0, 0, 15,
            255, 11, 0, 0, 0],
        [0, 0x47, 0, 0x27, 10, 0, 1, 0, 2, 0, 0, 0, 4, 0, 7, 1, 2, 0, 0, 0, 4, 0, 7, 60, 2, 0, 0, 0, 4, 0, 7, 90, 2, 0,
            0, 0, 4, 0, 7, 20,
            2, 0, 0, 0, 4, 0, 7, 7, 2, 0, 0, 0, 4, 0, 7, 33, 5, 12, 0x19, 0xC2, 5, 140, 0x11, 0xC2, 5, 140, 0x1A, 0xC2,
            5, 12, 0x1C, 0xC2,
            5, 140, 0x12, 2, 5, 140, 0x43, 2, 5, 144, 0x12, 2, 5, 144, 0x43, 2, 5, 148, 0x12, 2, 5, 148, 0x43, 2, 5,
            152, 0x12, 2,
            5, 152, 0x43, 2, 5, 156, 0x12, 2, 5, 156, 0x43, 2, 5, 160, 0x12, 0xC2],
        [2, 15, 0, 7, 2, 0, 0, 0, 4, 0, 130, 9, 2, 0, 0, 0, 4, 0, 130, 77, 12, 0, 4, 1, 12, 9, 2, 0, 12, 9, 3, 0, 1, 0,
            3, 132, 2, 0, 0, 0],
    ];

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        [2, 0, 0, 0], [4, 0, 6, 1], [4, 0, 70, 1], [4, 0, 2, 64], [4, 0, 134, 0], [4, 0, 32, 0], [3, 0, 6, 9],
        [0, 0, 0, 200], [0, 0, 15, 255],
        [1, 0, 0, 30], [1, 0, 3, 132], [5, 12, 2, 2], [5, 12, 0x43, 2], [10, 0, 9, 0], [10, 1, 9, 0], [10, 2, 9, 9],
        [8, 4, 0, 0],
    ];

    /// <inheritdoc/>
    public IReadOnlyList<string> Namespaces { get; } =
        ["Dht.Engine.Node", "Dht.Engine.Lookup", "Dht.Engine.Routing", "Dht.Engine.Rpc", "Dht.Engine.Storage"];

    /// <inheritdoc/>
    public InputShape Shape => InputShape.Commands;

    /// <inheritdoc/>
    public void Execute(ReadOnlySpan<byte> input) => _program.Run(input);
}
