namespace Dht.Engine.Testing;

/// <summary>Nodes that come and go by themselves. Immutable.</summary>
public sealed record SimulatedChurn
{
    /// <summary>How many live honest nodes leave without a word, per second on average; 0 for none.</summary>
    public double LeavesPerSecond { get; init; }

    /// <summary>
    /// How many of those that left come back, per second on average; 0 for none. They come back as newcomers: with a
    /// new id, an empty table and a few bootstrap nodes.
    /// </summary>
    public double JoinsPerSecond { get; init; }

    /// <summary>No node leaves while so few live honest nodes, or fewer, are left.</summary>
    public int LiveMin { get; init; } = 1;

    internal void Validate()
    {
        if (!(LeavesPerSecond is >= 0 and <= 1_000_000 && JoinsPerSecond is >= 0 and <= 1_000_000))
        {
            throw new ArgumentOutOfRangeException(
                nameof(LeavesPerSecond), "Leaves and joins per second must be 0 to 1,000,000.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(LiveMin);
    }
}
