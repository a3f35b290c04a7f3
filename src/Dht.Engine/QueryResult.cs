using Dht.Engine.Identity;

namespace Dht.Engine;

/// <summary>What a query of a method of your own brought.</summary>
/// <typeparam name="TResults">The type of the answer.</typeparam>
public sealed record QueryResult<TResults>
{
    /// <summary>How it ended; the rest is meaningful where it says so.</summary>
    public required QueryStatus Status { get; init; }

    /// <summary>The answer, when there is one.</summary>
    public TResults? Results { get; init; }

    /// <summary>Who answered.</summary>
    public NodeId Id { get; init; }

    /// <summary>From sending to receiving.</summary>
    public TimeSpan RoundTrip { get; init; }

    /// <summary>The number of an error; 0 when it was not an error.</summary>
    public int ErrorCode { get; init; }

    /// <summary>The text of an error; empty when it was not an error.</summary>
    public string ErrorText { get; init; } = string.Empty;
}
