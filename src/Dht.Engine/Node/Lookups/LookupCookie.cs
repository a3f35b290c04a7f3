using Dht.Engine.Addressing;

namespace Dht.Engine.Node;

/// <summary>
/// The mark of a lookup's query, which comes back with its end. It says which use of the pooled lookup the query
/// belongs to, so that an answer to an earlier use is ignored.
/// </summary>
/// <remarks>
/// <code>
/// [ use, 13 bits | probe, 1 | announcement, 1 | IPv6, 1 | handle of the candidate or number of the probe, 48 ]
/// </code>
/// </remarks>
internal readonly record struct LookupCookie(long Bits)
{
    private const long IPv6Flag = 1L << 48;
    private const long AnnouncementFlag = 1L << 49;
    private const long ProbeFlag = 1L << 50;
    private const int UseShift = 51;

    public bool IsAnnouncement => (Bits & AnnouncementFlag) != 0;

    public bool IsProbe => (Bits & ProbeFlag) != 0;

    public IpFamily Family => (Bits & IPv6Flag) != 0 ? IpFamily.IPv6 : IpFamily.IPv4;

    /// <summary>The handle of the candidate; of a probe its number.</summary>
    public long Handle => Bits & (IPv6Flag - 1);

    /// <summary>The mark of a use, without more.</summary>
    public static LookupCookie OfUse(uint use) => new((long)use << UseShift);

    public LookupCookie ForCandidate(IpFamily family, long handle) =>
        new(Bits | (family == IpFamily.IPv6 ? IPv6Flag : 0) | handle);

    public LookupCookie ForAnnouncement() => new(Bits | AnnouncementFlag);

    public LookupCookie ForProbe(int number) => new(Bits | ProbeFlag | (uint)number);

    /// <summary>Whether it belongs to the same use as another.</summary>
    public bool IsOfSameUse(LookupCookie other) => Bits >>> UseShift == other.Bits >>> UseShift;
}
