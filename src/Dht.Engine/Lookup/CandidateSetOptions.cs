namespace Dht.Engine.Lookup;

/// <summary>Bounds of a <see cref="CandidateSet"/>.</summary>
public sealed record CandidateSetOptions
{
    /// <summary>The most candidates kept at once, entry points not counted; at least 2 x (<see cref="K"/> + <see cref="Alpha"/>).</summary>
    public int Capacity { get; init; } = 128;

    /// <summary>How many of the closest a search is for (BEP 5: 8).</summary>
    public int K { get; init; } = 8;

    /// <summary>The most queries in flight while the search still gets nearer; late ones and entry points do not count.</summary>
    public int Alpha { get; init; } = 4;

    /// <summary>The most queries of one search; deferred attempts count.</summary>
    public int QueriesMax { get; init; } = 256;

    /// <summary>The most contacts of one reply that are looked at.</summary>
    public int ContactsPerReplyMax { get; init; } = 16;

    /// <summary>The most entry points kept at once.</summary>
    public int EntriesMax { get; init; } = 16;

    /// <summary>How often a candidate may be deferred; once more, and it has failed.</summary>
    public int DeferralsMax { get; init; } = 8;

    /// <summary>
    /// Whether several candidates of one site may answer, see <see cref="Addressing.Endpoint.HasSameSite"/>. For networks whose nodes
    /// share addresses, such as a test on loopback.
    /// </summary>
    public bool AllowSharedAddresses { get; init; }

    /// <summary>
    /// The most endpoints of one site asked in one search until one of them answers, unless <see cref="AllowSharedAddresses"/>. More
    /// than one, or whoever names a host with a wrong port first would hide it.
    /// </summary>
    public int EndpointsPerSiteMax { get; init; } = 3;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(K, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(K, 128);
        ArgumentOutOfRangeException.ThrowIfLessThan(Alpha, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Alpha, 128);
        ArgumentOutOfRangeException.ThrowIfLessThan(Capacity, 2 * (K + Alpha));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Capacity, 4096);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueriesMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(QueriesMax, 65_536);
        ArgumentOutOfRangeException.ThrowIfLessThan(ContactsPerReplyMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(EntriesMax, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(EntriesMax, 1024);
        ArgumentOutOfRangeException.ThrowIfNegative(DeferralsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DeferralsMax, byte.MaxValue - 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(EndpointsPerSiteMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(EndpointsPerSiteMax, byte.MaxValue - 1);
    }
}
