namespace Dht.Engine.Lookup;

/// <summary>Bounds of a <see cref="CandidateSet"/>.</summary>
internal sealed record CandidateSetOptions
{
    /// <summary>
    /// The most candidates kept at once, entry points not counted; at least <see cref="K"/> + <see cref="InFlightMax"/>
    /// + 16.
    /// </summary>
    public int Capacity { get; init; } = 128;

    /// <summary>How many of the closest a search is for (BEP 5: 8).</summary>
    public int K { get; init; } = 8;

    /// <summary>
    /// Number of queries kept in flight while there is a candidate to ask; late ones and entry points do not count.
    /// </summary>
    public int Alpha { get; init; } = 4;

    /// <summary>
    /// The nearest candidates that are asked at once, beyond <see cref="Alpha"/> too; late ones do not count. A wider
    /// window takes fewer round trips and more queries. 0 leaves it at <see cref="Alpha"/>.
    /// </summary>
    public int Window { get; init; } = 12;

    /// <summary>
    /// How often a silent candidate that is among the nearest may be asked again, see
    /// <see cref="CandidateSet.TryTakeAgain"/>: a lost packet looks the same as a dead node.
    /// </summary>
    public int RepeatsMax { get; init; }

    /// <summary>
    /// How often a silent entry point is asked again while nobody has answered, or a silent candidate where there are
    /// at most <see cref="K"/>: once when it is late, then each time when its last query is over. So each pause is
    /// longer than the one before.
    /// </summary>
    public int EntryRepeatsMax { get; init; }

    /// <summary>How often a candidate is asked again that refuses; once more, and it leaves the search.</summary>
    public int RefusalsMax { get; init; } = 2;

    /// <summary>The most queries in flight; late ones and entry points do not count.</summary>
    public int InFlightMax { get; init; } = 32;

    /// <summary>The most queries of one search; deferred attempts count.</summary>
    public int QueriesMax { get; init; } = 256;

    /// <summary>The most contacts of one reply that are looked at.</summary>
    public int ContactsPerReplyMax { get; init; } = 16;

    /// <summary>The most entry points kept at once.</summary>
    public int EntriesMax { get; init; } = 16;

    /// <summary>How often a candidate may be deferred; once more, and it leaves the search.</summary>
    public int DeferralsMax { get; init; } = 8;

    /// <summary>
    /// Whether several candidates of one site may answer, see <see cref="Addressing.Endpoint.HasSameSite"/>. For
    /// networks whose nodes share addresses, such as a test on loopback.
    /// </summary>
    public bool AllowSharedAddresses { get; init; }

    /// <summary>
    /// The most endpoints of one site asked in one search until one of them answers, unless
    /// <see cref="AllowSharedAddresses"/>. With only one, a reply that names a host with a wrong port first would hide
    /// it.
    /// </summary>
    public int EndpointsPerSiteMax { get; init; } = 3;

    /// <summary>
    /// Whether one network has only its <see cref="Addressing.NetworkShare"/> of the closest that answered, unless
    /// <see cref="AllowSharedAddresses"/>. Without it, a single network whose ids lie beside the target is all that the
    /// search finds.
    /// </summary>
    public bool LimitsNetworks { get; init; }

    /// <summary>
    /// The most queries of one search to one block, an IPv4 /24 or an IPv6 /48, unless
    /// <see cref="AllowSharedAddresses"/>: answers that name many of its addresses shall not make us flood it. 0 means
    /// no limit.
    /// </summary>
    public int QueriesPerBlockMax { get; init; }

    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(K, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(K, 128);
        ArgumentOutOfRangeException.ThrowIfLessThan(Alpha, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(InFlightMax, Alpha);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(InFlightMax, 256);
        ArgumentOutOfRangeException.ThrowIfNegative(Window);
        ArgumentOutOfRangeException.ThrowIfNegative(RepeatsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RepeatsMax, byte.MaxValue - 1);
        ArgumentOutOfRangeException.ThrowIfNegative(EntryRepeatsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(EntryRepeatsMax, byte.MaxValue - 1);
        ArgumentOutOfRangeException.ThrowIfNegative(RefusalsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RefusalsMax, byte.MaxValue - 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Capacity, K + InFlightMax + 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Capacity, 4096);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueriesMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(QueriesMax, 65_536);
        ArgumentOutOfRangeException.ThrowIfLessThan(ContactsPerReplyMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(EntriesMax, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(EntriesMax, 1024);
        ArgumentOutOfRangeException.ThrowIfNegative(DeferralsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DeferralsMax, byte.MaxValue - 1);
        ArgumentOutOfRangeException.ThrowIfNegative(QueriesPerBlockMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(QueriesPerBlockMax, byte.MaxValue - 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(EndpointsPerSiteMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(EndpointsPerSiteMax, byte.MaxValue - 1);
    }
}
