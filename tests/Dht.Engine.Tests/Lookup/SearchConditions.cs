namespace Dht.Engine.Tests.Lookup;

/// <summary>How datagrams travel and how long a search waits, in multiples of the median round trip.</summary>
internal sealed record SearchConditions
{
    /// <summary>Of the logarithm of the round trip.</summary>
    public double Sigma { get; init; } = 0.6;

    /// <summary>Of queries and of replies each.</summary>
    public double Loss { get; init; }

    public double ShortTimeout { get; init; } = 2.2;

    public double LongTimeout { get; init; } = 20;

    /// <summary>Contacts of the own table that a search starts with.</summary>
    public int Seeds { get; init; } = 16;

    /// <summary>Whether to wait for late answers that could still change the result.</summary>
    public bool UntilSettled { get; init; }
}
