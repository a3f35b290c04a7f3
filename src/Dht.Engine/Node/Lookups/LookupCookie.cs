using Dht.Engine.Addressing;

namespace Dht.Engine.Node;

/// <summary>
/// The mark of a lookup's query, which comes back with its end. It says which use of the pooled lookup the query
/// belongs to, so that an answer to an earlier use is ignored.
/// </summary>
/// <remarks>
/// <code>
/// [ use, 13 bits | probe, 1 | announcement, 1 | IPv6, 1 | handle, 48 ]
///
/// handle: of the candidate; of a probe its number; of an announcement [ token, 1 bit | which of the nearest, 16 ]
/// </code>
/// </remarks>
internal readonly record struct LookupCookie(long Bits)
{
    private const long IPv6Flag = 1L << 48;
    private const long AnnouncementFlag = 1L << 49;
    private const long ProbeFlag = 1L << 50;
    private const int UseShift = 51;
    private const int TokenFlag = 1 << 16;

    public bool IsAnnouncement => (Bits & AnnouncementFlag) != 0;

    public bool IsProbe => (Bits & ProbeFlag) != 0;

    public IpFamily Family => (Bits & IPv6Flag) != 0 ? IpFamily.IPv6 : IpFamily.IPv4;

    /// <summary>The handle of the candidate; of a probe its number.</summary>
    public long Handle => Bits & (IPv6Flag - 1);

    /// <summary>Of an announcement, to which of the nearest.</summary>
    public int Place => (int)Handle & (TokenFlag - 1);

    /// <summary>Whether it is the query for a token that an announcement lacks.</summary>
    public bool IsForToken => IsAnnouncement && (Handle & TokenFlag) != 0;

    /// <summary>The mark of a use, without more.</summary>
    public static LookupCookie OfUse(uint use) => new((long)use << UseShift);

    /// <summary>The same for one of the families.</summary>
    public LookupCookie For(IpFamily family) => new(Bits | (family == IpFamily.IPv6 ? IPv6Flag : 0));

    public LookupCookie ForCandidate(long handle) => new(Bits | handle);

    public LookupCookie ForAnnouncement(int place, bool isForToken = false) =>
        new(Bits | AnnouncementFlag | (uint)place | (uint)(isForToken ? TokenFlag : 0));

    public LookupCookie ForProbe(int number) => new(Bits | ProbeFlag | (uint)number);

    /// <summary>Whether it belongs to the same use as another.</summary>
    public bool IsOfSameUse(LookupCookie other) => Bits >>> UseShift == other.Bits >>> UseShift;
}
