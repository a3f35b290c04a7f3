using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <content>The second half of an announcing lookup: each of the nearest nodes is shown the token that it gave (BEP 5).</content>
internal sealed partial class NodeLookup
{
    private ulong _announced;
    private int _announceTries;
    private int _announcesOpen;

    private int AnnounceCount => _setIPv4.ClosestCount + _setIPv6.ClosestCount;

    private void BeginAnnouncing()
    {
        _isAnnouncing = true;
        _announced = 0;
        _announceTries = 0;
        _announcesOpen = 0;
    }

    /// <summary>
    /// Sends the announcements that are left, and comes back to those that cannot be sent just now; false when all are sent and settled.
    /// </summary>
    private bool TryAnnounce(Instant now)
    {
        const int triesMax = 50;
        bool isHeldUp = false;
        for (int i = 0; i < AnnounceCount; i++)
        {
            if ((_announced & (1ul << i)) == 0)
            {
                bool isTransient = TryAnnounceTo(i, now) is AskResult.Throttled or AskResult.Busy;
                _announced |= isTransient ? 0 : 1ul << i;
                isHeldUp |= isTransient;
            }
        }

        if (isHeldUp && ++_announceTries < triesMax)
        {
            RetryAt = now + RetryInterval;
            return true;
        }

        return _announcesOpen > 0;
    }

    private AskResult TryAnnounceTo(int index, Instant now)
    {
        try
        {
            return Announce(index, now);
        }
        catch (Exception fault)
        {
            _node.Report(fault);
            return AskResult.Forbidden;
        }
    }

    private AskResult Announce(int index, Instant now)
    {
        bool isIPv6 = index >= _setIPv4.ClosestCount;
        CandidateSet set = isIPv6 ? _setIPv6 : _setIPv4;
        index -= isIPv6 ? _setIPv4.ClosestCount : 0;
        ReadOnlySpan<byte> token = set.TokenAt(index);
        if (token.IsEmpty)
        {
            return AskResult.Forbidden;
        }

        CompactNode candidate = set.ClosestAt(index);
        long cookie = UseBits | AnnounceFlag;
        AskResult asked = _node.AnnouncePeer(
            candidate.Endpoint, InfoHash.FromNodeId(_request.Target), _request.Port, token, now, this, cookie);
        if (asked == AskResult.Sent)
        {
            _node.ExpectId(candidate.Id, insist: false);
            _announcesOpen++;
            _report = _report with { AnnouncesSent = _report.AnnouncesSent + 1 };
        }

        return asked;
    }
}
