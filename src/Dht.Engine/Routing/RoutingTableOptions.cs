using System.Runtime.CompilerServices;

namespace Dht.Engine.Routing;

/// <summary>
/// Settings of the built-in routing tables, <see cref="KademliaTable"/> and <see cref="MainlineTable"/>.
/// </summary>
public sealed record RoutingTableOptions
{
    private const int SizeMax = 64;

    /// <summary>Contacts in a bucket (k), 1 to 64.</summary>
    public int BucketSize { get; init; } = 8;

    /// <summary>
    /// Whether the first four buckets hold 16, 8, 4 and 2 times k contacts. They cover most of the id space, so that
    /// lookups begin nearer to their target. Only <see cref="MainlineTable"/> heeds it.
    /// </summary>
    public bool ExtendedBuckets { get; init; } = true;

    /// <summary>Verified contacts that wait for a place in a full bucket, 0 to 64.</summary>
    public int CacheSize { get; init; } = 8;

    /// <summary>
    /// Whether one IP address (for IPv6, one /64) may hold several places in the table, and one network more places
    /// in a bucket than the table otherwise allows: for networks of one machine or one building.
    /// </summary>
    public bool AllowSharedAddresses { get; init; }

    /// <summary>
    /// Silence after which a contact is questionable and a bucket wants a refresh (BEP 5: 15 minutes).
    /// </summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Queries in a row that a contact may leave unanswered before it loses its place; 0 or more.</summary>
    public int FailuresAllowed { get; init; } = 1;

    internal void Validate()
    {
        ThrowIf(BucketSize is < 1 or > SizeMax, BucketSize, $"BucketSize must be 1 to {SizeMax} contacts.");
        ThrowIf(CacheSize is < 0 or > SizeMax, CacheSize, $"CacheSize must be 0 (no cache) to {SizeMax} contacts.");
        ThrowIf(StaleAfter <= TimeSpan.Zero, StaleAfter, "StaleAfter must be longer than zero; BEP 5 says 15 minutes.");
        ThrowIf(FailuresAllowed < 0, FailuresAllowed, "FailuresAllowed must be 0 or more.");
    }

    private static void ThrowIf<T>(
        bool isWrong, T value, string message, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (isWrong)
        {
            throw new ArgumentOutOfRangeException(name, value, message);
        }
    }
}
