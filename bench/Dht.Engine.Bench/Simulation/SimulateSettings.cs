using Dht.Engine.Node;

namespace Dht.Engine.Bench.Simulation;

/// <summary>
/// What <c>simulate</c> is told on the command line. Times are in seconds unless they say otherwise, shares go from 0
/// to 1.
/// </summary>
internal sealed record SimulateSettings
{
    public required int Nodes { get; init; }

    public required double Dead { get; init; }

    public required double Loss { get; init; }

    public required int Lookups { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>The median round trip of a pair, in milliseconds.</summary>
    public required double Rtt { get; init; }

    public required double Sigma { get; init; }

    public required double Jitter { get; init; }

    public required int Window { get; init; }

    public required int Repeats { get; init; }

    public required double Join { get; init; }

    public required double Settle { get; init; }

    public required double Spread { get; init; }

    public required LookupKind Kind { get; init; }
}
