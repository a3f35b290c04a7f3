namespace Dht.Engine.Routing;

/// <summary>Settings of a <see cref="KademliaTable"/>.</summary>
public sealed record KademliaTableOptions
{
    /// <summary>Contacts in a bucket (k), 1 to 64.</summary>
    public int BucketSize { get; init; } = 8;

    /// <summary>Verified contacts that wait for a place in a full bucket, 0 to 64.</summary>
    public int CacheSize { get; init; } = 8;

    /// <summary>
    /// Whether one IP address (for IPv6, one /64) may hold several places in the table, and one IPv4 /24 or IPv6 /56 more than two in a
    /// bucket: for networks of one machine or one building.
    /// </summary>
    public bool AllowSharedAddresses { get; init; }

    /// <summary>Silence after which a contact is questionable and a bucket wants a refresh (BEP 5: 15 minutes).</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Queries in a row that a contact may leave unanswered before it loses its place.</summary>
    public int FailuresAllowed { get; init; } = 1;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BucketSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BucketSize, 64);
        ArgumentOutOfRangeException.ThrowIfNegative(CacheSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(CacheSize, 64);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StaleAfter, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(FailuresAllowed);
    }
}
