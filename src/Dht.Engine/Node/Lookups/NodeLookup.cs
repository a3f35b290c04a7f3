using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// One lookup under way: takes candidates from its sets, asks them, and feeds what they answer back. Both families are searched side by
/// side, each with a set of its own (BEP 32). An announcing lookup then shows the nearest nodes the tokens that they gave.
/// </summary>
/// <remarks>
/// Pooled. The cookie of each query says which use of the object it belongs to, so that an answer to an earlier use is passed over:
/// <code>
/// [ use, 13 bits | probe, 1 | announcement, 1 | IPv6, 1 | handle of the candidate or number of the probe, 48 ]
/// </code>
/// </remarks>
internal sealed partial class NodeLookup : IQueryListener
{
    private const long IPv6Flag = 1L << 48;
    private const long AnnounceFlag = 1L << 49;
    private const long ProbeFlag = 1L << 50;
    private const int UseShift = 51;

    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly MainlineNode _node;
    private readonly NodeLookups _owner;
    private readonly CandidateSet _setIPv4;
    private readonly CandidateSet _setIPv6;
    private LookupRequest _request;
    private LookupReport _report;
    private Instant _startedAt;
    private bool _isBusy;
    private bool _isAnnouncing;

    public NodeLookup(MainlineNode node, NodeLookups owner, int slot, CandidateSet setIPv4, CandidateSet setIPv6)
    {
        _node = node;
        _owner = owner;
        Slot = slot;
        _setIPv4 = setIPv4;
        _setIPv6 = setIPv6;
    }

    public int Slot { get; }

    /// <summary>Which use of the object this is; never 0 while it is in use.</summary>
    public uint Generation { get; private set; }

    public bool IsActive { get; private set; }

    public LookupKind Kind => _request.Kind;

    /// <summary>When to try again what could not be sent; never, when an answer or a timeout is what it waits for.</summary>
    public Instant RetryAt { get; private set; } = Instant.Never;

    private long UseBits => (long)Generation << UseShift;

    public void Begin(in LookupRequest request, Instant now)
    {
        Generation++;
        Generation += Generation == 0 ? 1u : 0u;
        IsActive = true;
        RetryAt = Instant.Never;
        _isBusy = false;
        _request = request;
        _report = new LookupReport { Kind = request.Kind, Target = request.Target };
        _startedAt = now;
        _isAnnouncing = false;
        BeginProbing();

        // Nobody waits for the node's own lookups.
        bool isModest = request.Kind == LookupKind.Upkeep;
        _setIPv4.Begin(request.Target, _node.IdOf(IpFamily.IPv4), isModest);
        _setIPv6.Begin(request.Target, _node.IdOf(IpFamily.IPv6), isModest);
        _node.Seed(_setIPv4, IpFamily.IPv4, request.Target);
        _node.Seed(_setIPv6, IpFamily.IPv6, request.Target);
    }

    /// <summary>Makes the first step due.</summary>
    public void StepSoon(Instant now) => RetryAt = now;

    /// <summary>Asks whoever is next, and ends when nobody is left to ask or to wait for.</summary>
    public void Step(Instant now)
    {
        bool isEarly = RetryAt != Instant.Never && now < RetryAt;
        if (isEarly && (_isBusy || _isAnnouncing))
        {
            // What could not be sent a moment ago cannot be sent now.
            return;
        }

        if (now - _startedAt > TimeMax)
        {
            // Whoever answers slowly enough, naming one nearer each time, would else keep it for as long as he likes.
            End(Outcome(), now);
            return;
        }

        if (!_isAnnouncing)
        {
            _isBusy = false;
            bool isHeldUp = Ask(_setIPv4, 0, now, isEarly);
            isHeldUp |= Ask(_setIPv6, IPv6Flag, now, isEarly);
            AskAgain(_setIPv4, 0, now);
            AskAgain(_setIPv6, IPv6Flag, now);
            RetryAt = isEarly ? RetryAt : isHeldUp ? now + RetryInterval : Instant.Never;
            if (IsProbing(now) || !IsOver(_setIPv4) || !IsOver(_setIPv6))
            {
                _owner.Expect(RetryAt);
                return;
            }

            if (Kind != LookupKind.Announce)
            {
                End(Outcome(), now);
                return;
            }

            BeginAnnouncing();
        }

        RetryAt = Instant.Never;
        if (TryAnnounce(now))
        {
            _owner.Expect(RetryAt);
        }
        else
        {
            End(Outcome(), now);
        }
    }

    public void End(LookupStatus status, Instant now)
    {
        Span<CompactNode> closest = stackalloc CompactNode[2 * MainlineNode.ContactsPerReplyMax];
        int count = _setIPv4.CopyClosest(closest);
        count += _setIPv6.CopyClosest(closest[count..]);
        LookupReport report = _report with
        {
            Status = status,
            Asked = _setIPv4.AskedCount + _setIPv6.AskedCount + _probesSent,
            Answered = _setIPv4.AnsweredCount + _setIPv6.AnsweredCount,
            Elapsed = now - _startedAt,
        };
        ILookupListener? listener = _request.Listener;
        long cookie = _request.Cookie;

        // The place is free before anybody is told: whoever is told may start the next.
        IsActive = false;
        _request = default;
        _owner.Release(this, report.Kind);
        try
        {
            listener?.OnFinished(report, closest[..count], cookie);
        }
        catch (Exception fault)
        {
            _node.Report(fault);
        }

        _node.Extensions.Observers.LookupFinished(_node, report);
    }

    void IQueryListener.OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie)
    {
        if (!IsCurrent(cookie))
        {
            return;
        }

        Instant now = _node.Now;
        if ((cookie & AnnounceFlag) != 0)
        {
            _report = _report with { AnnouncesAccepted = _report.AnnouncesAccepted + 1 };
            _announcesOpen--;
        }
        else if ((cookie & ProbeFlag) != 0)
        {
            EndProbe(cookie);
            OfferContacts(response);
        }
        else
        {
            Take(response, source, cookie);
        }

        // Whoever was told of peers may have cancelled, and started another in this place.
        if (IsCurrent(cookie))
        {
            Step(now);
        }
    }

    void IQueryListener.OnError(in KrpcMessage error, in Endpoint source, long cookie) => Fail(cookie);

    void IQueryListener.OnTimeout(in Endpoint destination, long cookie) => Fail(cookie);

    void IQueryListener.OnLate(in Endpoint destination, long cookie)
    {
        if (!IsCurrent(cookie) || (cookie & AnnounceFlag) != 0)
        {
            return;
        }

        if ((cookie & ProbeFlag) != 0)
        {
            EndProbe(cookie);
        }
        else
        {
            SetOf(cookie).MarkLate(HandleOf(cookie));
        }

        Step(_node.Now);
    }

    private void Take(in KrpcMessage response, in Endpoint source, long cookie)
    {
        CandidateSet set = SetOf(cookie);
        long handle = HandleOf(cookie);
        if (_isAnnouncing)
        {
            // Who is announced to stays as it was when that began; what else is told still counts.
            TellPeers(response, source);
            return;
        }

        bool isTrusted = _node.IsTrusted(response.SenderId, source);
        if (!isTrusted && !set.IsEntry(handle))
        {
            // It was named with an id that fits its address, and answers with one that does not.
            set.MarkFailed(handle);
            return;
        }

        bool isGuide = !isTrusted || _node.IsRouter(source);
        bool isNew = (!isGuide && set.MarkEntryAnswered(handle, response.SenderId)) || set.MarkAnswered(handle, response.SenderId);
        if (!isNew)
        {
            return;
        }

        if (set.IsAmongClosest(handle))
        {
            _report = _report with { Found = _node.Now - _startedAt };
        }

        if (response.HasToken && !isGuide)
        {
            set.SetToken(handle, response.Token);
        }

        OfferContacts(response);
        TellPeers(response, source);
    }

    private void OfferContacts(in KrpcMessage response)
    {
        _node.Offer(_setIPv4, response.Nodes);
        _node.Offer(_setIPv6, response.Nodes6);
    }

    private void TellPeers(in KrpcMessage response, in Endpoint source)
    {
        if (!response.HasValues || Kind is not (LookupKind.GetPeers or LookupKind.Announce))
        {
            return;
        }

        CompactPeers peers = response.Values;
        _report = _report with { Peers = _report.Peers + peers.Count };
        try
        {
            _request.Listener?.OnPeers(peers, source, _request.Cookie);
        }
        catch (Exception fault)
        {
            _node.Report(fault);
        }
    }

    private void Fail(long cookie)
    {
        if (!IsCurrent(cookie))
        {
            return;
        }

        if ((cookie & AnnounceFlag) != 0)
        {
            _announcesOpen--;
        }
        else if ((cookie & ProbeFlag) != 0)
        {
            EndProbe(cookie);
        }
        else
        {
            SetOf(cookie).MarkFailed(HandleOf(cookie));
        }

        Step(_node.Now);
    }

    /// <summary>Asks those of one family who are next; whether one could not be asked just now.</summary>
    /// <param name="isEarly">Whether those that could not be asked before still have to wait.</param>
    private bool Ask(CandidateSet set, long familyFlag, Instant now, bool isEarly)
    {
        // The second call is for one that was held up in an earlier step: it comes back only after a false, and may be the last.
        bool isHeldUp = false;
        while (set.TryTakeNext(out Candidate candidate, isEarly || isHeldUp) || (!isEarly && !isHeldUp && set.TryTakeNext(out candidate)))
        {
            switch (TryAsk(candidate, now, UseBits | familyFlag | candidate.Handle))
            {
                case AskResult.Sent when candidate.HasId:
                    _node.ExpectId(candidate.Id, insist: false);
                    break;
                case AskResult.Sent:
                    break;
                case AskResult.Forbidden:
                    set.MarkFailed(candidate.Handle);
                    break;
                case AskResult.Throttled:
                    // That is a matter of its address alone: the others need not wait for it.
                    set.Defer(candidate.Handle);
                    isHeldUp = true;
                    break;
                default:
                    set.Defer(candidate.Handle);
                    _isBusy = true;
                    return true;
            }
        }

        return isHeldUp;
    }

    /// <summary>Asks those of the nearest again that are silent.</summary>
    private void AskAgain(CandidateSet set, long familyFlag, Instant now)
    {
        while (set.TryTakeAgain(out Candidate candidate))
        {
            if (TryAsk(candidate, now, UseBits | familyFlag | candidate.Handle) == AskResult.Sent)
            {
                _node.ExpectId(candidate.Id, insist: false);
            }
            else
            {
                set.GiveUpRepeat(candidate.Handle);
            }
        }
    }

    // An address policy of the user may throw: the candidate is then passed over, or the lookup would wait for it for ever.
    private AskResult TryAsk(in Candidate candidate, Instant now, long cookie)
    {
        try
        {
            return Kind is LookupKind.GetPeers or LookupKind.Announce
                ? _node.GetPeers(candidate.Endpoint, InfoHash.FromNodeId(_request.Target), _node.Want, now, this, cookie)
                : _node.FindNode(candidate.Endpoint, _request.Target, _node.Want, now, this, cookie);
        }
        catch (Exception fault)
        {
            _node.Report(fault);
            return AskResult.Forbidden;
        }
    }

    // An announcement is worth waiting for those who answer late: it is to be found where others will look for it.
    private bool IsOver(CandidateSet set) => Kind == LookupKind.Announce ? set.IsSettled : set.IsComplete;

    private LookupStatus Outcome() =>
        _setIPv4.AnsweredCount + _setIPv6.AnsweredCount > 0 ? LookupStatus.Finished
        : _setIPv4.AskedCount + _setIPv6.AskedCount > 0 ? LookupStatus.NobodyAnswered
        : LookupStatus.NobodyKnown;

    private bool IsCurrent(long cookie) => IsActive && cookie >>> UseShift == UseBits >>> UseShift;

    private static long HandleOf(long cookie) => cookie & (IPv6Flag - 1);

    private CandidateSet SetOf(long cookie) => (cookie & IPv6Flag) != 0 ? _setIPv6 : _setIPv4;
}
