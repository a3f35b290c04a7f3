using Dht.Engine.Addressing;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// One lookup under way. It searches both families in parallel (<see cref="FamilySearch"/>); an announcing one then
/// shows the nearest nodes the tokens that they gave (<see cref="LookupAnnouncement"/>). Each event (an answer, an
/// error, silence, the clock) ends in <see cref="Step"/>, which decides what is next.
/// </summary>
/// <remarks>Pooled: <see cref="LookupCookie"/> tells the queries of one use from those of another.</remarks>
internal sealed partial class NodeLookup : IQueryListener
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly NodeLookups _owner;
    private readonly NodeClock _clock;
    private readonly LookupSeeds _seeds;
    private readonly GuardedLookupListener _listeners;
    private readonly FamilySearch _overIPv4;
    private readonly FamilySearch _overIPv6;
    private readonly LookupProbes _probes = new();
    private readonly LookupAnnouncement _announcement = new();
    private LookupRequest _request;
    private Instant _startedAt;
    private TimeSpan _found;
    private int _peers;
    private bool _isBusy;

    public NodeLookup(
        NodeLookups owner,
        int slot,
        NodeClock clock,
        LookupSeeds seeds,
        GuardedLookupListener listeners,
        Func<IQueryListener, IpFamily, FamilySearch> createSearch)
    {
        _owner = owner;
        _clock = clock;
        _seeds = seeds;
        _listeners = listeners;
        _overIPv4 = createSearch(this, IpFamily.IPv4);
        _overIPv6 = createSearch(this, IpFamily.IPv6);
        Slot = slot;
    }

    /// <summary>Which place it holds.</summary>
    public int Slot { get; }

    /// <summary>Which use of the object this is; never 0 while it is in use.</summary>
    public uint Generation { get; private set; }

    public bool IsActive { get; private set; }

    public LookupKind Kind => _request.Kind;

    /// <summary>
    /// When to try again what could not be sent; never, when an answer or a timeout is what it waits for.
    /// </summary>
    public Instant RetryAt { get; private set; } = Instant.Never;

    private LookupCookie Use => LookupCookie.OfUse(Generation);

    public void Begin(in LookupRequest request, Instant now)
    {
        Invariant.Holds(!IsActive, "a lookup begins in a free place");
        Generation++;
        Generation += Generation == 0 ? 1u : 0u;
        IsActive = true;
        _isBusy = false;
        _request = request;
        _startedAt = now;
        _found = default;
        _peers = 0;
        _probes.Begin();
        _announcement.Reset();
        _overIPv4.Begin(request, Use);
        _overIPv6.Begin(request, Use);

        // The first step comes with the next tick, so that nobody is notified of the end before the caller has the
        // handle.
        RetryAt = now;
    }

    /// <summary>Takes back a beginning that did not succeed; nobody is notified.</summary>
    public void Abandon()
    {
        IsActive = false;
        _request = default;
    }

    /// <summary>Asks the nodes that are next, and ends when none is left to ask or to wait for.</summary>
    public void Step(Instant now)
    {
        bool isEarly = RetryAt != Instant.Never && now < RetryAt;
        if (isEarly && (_isBusy || _announcement.IsUnderWay))
        {
            // What could not be sent a moment ago cannot be sent now.
            return;
        }

        if (now - _startedAt > TimeMax)
        {
            // A node that answers slowly and names a nearer one each time could otherwise keep the lookup alive
            // forever.
            End(Outcome(), now);
        }
        else if (_announcement.IsUnderWay || IsSearchOver(now, isEarly))
        {
            Finish(now);
        }
    }

    /// <summary>Ends it, with what was found until now.</summary>
    public void End(LookupStatus status, Instant now)
    {
        Invariant.Holds(IsActive, "a lookup ends once");
        Span<CompactNode> closest = stackalloc CompactNode[2 * NodeOptions.ContactsPerReplyMax];
        int count = _overIPv4.Candidates.CopyClosest(closest);
        count += _overIPv6.Candidates.CopyClosest(closest[count..]);
        LookupRequest request = _request;
        LookupReport report = Report(status, now);

        // The place is free before anybody is notified: a listener may start the next lookup.
        IsActive = false;
        _request = default;
        _owner.Release(this, request.Kind);
        _listeners.OnFinished(request, report, closest[..count]);
    }

    void IQueryListener.OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie)
    {
        var mark = new LookupCookie(cookie);
        if (!IsCurrent(mark))
        {
            return;
        }

        if (mark.IsAnnouncement)
        {
            _announcement.End(isAccepted: true);
        }
        else if (mark.IsProbe)
        {
            _probes.End(mark);
            OfferContacts(response);
        }
        else
        {
            Take(response, source, mark);
        }

        // A listener that was notified of peers may have cancelled, and started another in this place.
        if (IsCurrent(mark))
        {
            Step(_clock.Now);
        }
    }

    void IQueryListener.OnError(in KrpcMessage error, in Endpoint source, long cookie) =>
        Fail(new LookupCookie(cookie));

    void IQueryListener.OnTimeout(in Endpoint destination, long cookie) => Fail(new LookupCookie(cookie));

    void IQueryListener.OnLate(in Endpoint destination, long cookie)
    {
        var mark = new LookupCookie(cookie);
        if (!IsCurrent(mark) || mark.IsAnnouncement)
        {
            return;
        }

        if (mark.IsProbe)
        {
            _probes.End(mark);
        }
        else
        {
            SearchOf(mark).Candidates.MarkLate(mark.Handle);
        }

        Step(_clock.Now);
    }

    /// <summary>Asks on; whether there is nothing left to ask or to wait for.</summary>
    private bool IsSearchOver(Instant now, bool isEarly)
    {
        HoldUp overIPv4 = _overIPv4.Ask(now, isEarly);
        HoldUp overIPv6 = _overIPv6.Ask(now, isEarly);
        _isBusy = overIPv4 == HoldUp.Busy || overIPv6 == HoldUp.Busy;
        _overIPv4.AskAgain(now);
        _overIPv6.AskAgain(now);
        bool isHeldUp = overIPv4 != HoldUp.None || overIPv6 != HoldUp.None;
        RetryAt = isEarly ? RetryAt : isHeldUp ? now + RetryInterval : Instant.Never;
        if (Kind != LookupKind.Upkeep)
        {
            _probes.Send(_overIPv4, _request.Target, now);
            _probes.Send(_overIPv6, _request.Target, now);
        }

        bool isOver = !_probes.IsAnyOpen && _overIPv4.IsOver && _overIPv6.IsOver;
        if (!isOver)
        {
            _owner.Expect(RetryAt);
        }

        return isOver;
    }

    /// <summary>Announces, if that is asked for, and ends when all is sent and settled.</summary>
    private void Finish(Instant now)
    {
        RetryAt = Instant.Never;
        bool isHeldUp = false;
        if (Kind == LookupKind.Announce)
        {
            _announcement.Begin();
            isHeldUp = _announcement.Send(_overIPv4, _overIPv6, _request.Port, now);
            RetryAt = isHeldUp ? now + RetryInterval : Instant.Never;
        }

        if (isHeldUp || _announcement.IsAnyOpen)
        {
            _owner.Expect(RetryAt);
        }
        else
        {
            End(Outcome(), now);
        }
    }

    private void Take(in KrpcMessage response, in Endpoint source, LookupCookie mark)
    {
        CandidateSet set = SearchOf(mark).Candidates;
        if (_announcement.IsUnderWay)
        {
            // The nodes to announce to stay as they were when that began; what else the answer says still counts.
            ReportPeers(response, source);
            return;
        }

        bool isTrusted = _seeds.IsTrusted(response.SenderId, source);
        if (!isTrusted && !set.IsEntry(mark.Handle))
        {
            // It was named with an id that fits its address, and answers with one that does not.
            set.MarkFailed(mark.Handle);
            return;
        }

        bool isGuide = !isTrusted || _seeds.IsRouter(source);
        bool isNew = (!isGuide && set.MarkEntryAnswered(mark.Handle, response.SenderId))
            || set.MarkAnswered(mark.Handle, response.SenderId);
        if (!isNew)
        {
            return;
        }

        if (set.IsAmongClosest(mark.Handle))
        {
            _found = _clock.Now - _startedAt;
        }

        if (response.HasToken && !isGuide)
        {
            set.SetToken(mark.Handle, response.Token);
        }

        OfferContacts(response);
        ReportPeers(response, source);
    }

    private void OfferContacts(in KrpcMessage response)
    {
        _overIPv4.Offer(response.Nodes);
        _overIPv6.Offer(response.Nodes6);
    }

    private void ReportPeers(in KrpcMessage response, in Endpoint source)
    {
        if (response.HasValues && Kind is LookupKind.GetPeers or LookupKind.Announce)
        {
            CompactPeers peers = response.Values;
            _peers += peers.Count;
            _listeners.OnPeers(_request, peers, source);
        }
    }

    private void Fail(LookupCookie mark)
    {
        if (!IsCurrent(mark))
        {
            return;
        }

        if (mark.IsAnnouncement)
        {
            _announcement.End(isAccepted: false);
        }
        else if (mark.IsProbe)
        {
            _probes.End(mark);
        }
        else
        {
            SearchOf(mark).Candidates.MarkFailed(mark.Handle);
        }

        Step(_clock.Now);
    }

    private LookupReport Report(LookupStatus status, Instant now) => new()
    {
        Kind = _request.Kind,
        Target = _request.Target,
        Status = status,
        Asked = _overIPv4.Candidates.AskedCount + _overIPv6.Candidates.AskedCount + _probes.Sent,
        Answered = _overIPv4.Candidates.AnsweredCount + _overIPv6.Candidates.AnsweredCount,
        Peers = _peers,
        AnnouncesSent = _announcement.Sent,
        AnnouncesAccepted = _announcement.Accepted,
        Found = _found,
        Elapsed = now - _startedAt,
    };

    private LookupStatus Outcome() =>
        _overIPv4.Candidates.AnsweredCount + _overIPv6.Candidates.AnsweredCount > 0 ? LookupStatus.Finished
        : _overIPv4.Candidates.AskedCount + _overIPv6.Candidates.AskedCount > 0 ? LookupStatus.NobodyAnswered
        : LookupStatus.NobodyKnown;

    private bool IsCurrent(LookupCookie mark) => IsActive && mark.IsOfSameUse(Use);

    private FamilySearch SearchOf(LookupCookie mark) => mark.Family == IpFamily.IPv6 ? _overIPv6 : _overIPv4;
}
