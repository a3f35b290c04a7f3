using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// The second half of an announcing lookup: each of the nearest nodes is shown the token that it gave (BEP 5).
/// </summary>
internal sealed class LookupAnnouncement
{
    // Ten a second, as often as a lookup comes back.
    private const int TriesMax = 50;

    // Bit i is the i-th of the nearest, the IPv4 ones first, once it needs no further attempt.
    private ulong _done;
    private int _tries;
    private int _open;

    /// <summary>Whether it has begun.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>Announcements sent.</summary>
    public int Sent { get; private set; }

    /// <summary>Announcements that were confirmed.</summary>
    public int Accepted { get; private set; }

    /// <summary>Whether any is to be waited for.</summary>
    public bool IsAnyOpen => _open > 0;

    /// <summary>Forgets the last use.</summary>
    public void Reset()
    {
        _done = 0;
        _tries = 0;
        _open = 0;
        Sent = 0;
        Accepted = 0;
        IsUnderWay = false;
    }

    /// <summary>From now on those to announce to stay as they are.</summary>
    public void Begin() => IsUnderWay = true;

    /// <summary>Sends the announcements that are left.</summary>
    /// <returns>Whether some cannot be sent just now and are worth another attempt.</returns>
    public bool Send(FamilySearch overIPv4, FamilySearch overIPv6, ushort port, Instant now)
    {
        int first6 = overIPv4.Candidates.ClosestCount;
        int count = first6 + overIPv6.Candidates.ClosestCount;
        bool isHeldUp = false;
        for (int i = 0; i < count; i++)
        {
            if ((_done & (1ul << i)) != 0)
            {
                continue;
            }

            AskResult asked = i < first6 ? overIPv4.Announce(i, port, now) : overIPv6.Announce(i - first6, port, now);
            bool isTransient = asked is AskResult.Throttled or AskResult.Busy;
            isHeldUp |= isTransient;
            _done |= isTransient ? 0 : 1ul << i;
            if (asked == AskResult.Sent)
            {
                _open++;
                Sent++;
            }
        }

        return isHeldUp && ++_tries < TriesMax;
    }

    /// <summary>One has ended.</summary>
    public void End(bool isAccepted)
    {
        _open--;
        Accepted += isAccepted ? 1 : 0;
    }
}
