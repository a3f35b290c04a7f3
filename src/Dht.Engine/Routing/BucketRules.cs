namespace Dht.Engine.Routing;

/// <summary>What distinguishes the built-in tables.</summary>
internal readonly record struct BucketRules
{
    /// <summary>Of how many prefix lengths there may be more than k contacts.</summary>
    public const int ExtendedLists = 4;

    /// <summary>
    /// Whether the table begins with one bucket and the home bucket splits; otherwise every prefix has its own.
    /// </summary>
    public bool Splits { get; init; }

    /// <summary>Whether the first four buckets hold more than k contacts.</summary>
    public bool Extends { get; init; }

    /// <summary>
    /// Whether a questionable contact is pinged before it gives way; otherwise one failure is enough.
    /// </summary>
    public bool PingsBeforeEviction { get; init; }

    /// <summary>Places of one network in a bucket.</summary>
    public int NetworkPlaces { get; init; }

    /// <summary>
    /// How many contacts that share exactly <paramref name="shared"/> leading bits with us there may be.
    /// </summary>
    public int Capacity(int shared, int k) => Extends && shared < ExtendedLists ? k << (ExtendedLists - shared) : k;
}
