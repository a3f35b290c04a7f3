using Dht.Engine.Node;

namespace Dht.Engine;

/// <summary>What came of loading a <see cref="StateFile"/>.</summary>
public sealed record StateLoad
{
    /// <summary>Whether there is a state.</summary>
    public required StateLoadStatus Status { get; init; }

    /// <summary>The state; null unless it was loaded.</summary>
    public NodeState? State { get; init; }

    /// <summary>What is wrong with a file that is damaged or refused.</summary>
    public NodeStateError Error { get; init; }

    /// <summary>
    /// Where a damaged file lies now; null when it could not be moved, and the next save replaces it.
    /// </summary>
    public string? PutAside { get; init; }

    /// <summary>What happened, in one sentence for people.</summary>
    public required string Message { get; init; }
}
