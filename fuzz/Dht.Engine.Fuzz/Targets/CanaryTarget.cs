using Dht.Engine.Fuzz.Canary;

namespace Dht.Engine.Fuzz.Targets;

/// <summary>
/// Proves that the search is guided: going blind would take days to find the fault that is planted here.
/// </summary>
public sealed class CanaryTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public string Name => "canary";

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Seeds { get; } = ["twelve bytes"u8.ToArray()];

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Dictionary { get; } = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Namespaces { get; } = ["Dht.Engine.Fuzz.Canary"];

    /// <inheritdoc/>
    public string AssemblyName => "Dht.Engine.Fuzz";

    /// <inheritdoc/>
    public int LengthMax => 64;

    /// <inheritdoc/>
    public bool IsPlanted => true;

    /// <inheritdoc/>
    public void Execute(ReadOnlySpan<byte> input) => CanaryParser.Parse(input);
}
