using Dht.Engine.Addressing;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// One lookup under way. It searches both families in parallel (<see cref="LookupHalf"/>), and ends when both are done;
/// for one in which nobody has answered it waits only a little longer than for the other. Each event (an answer, an
/// error, silence, the clock) ends in <see cref="Step"/>, which decides what is next.
/// </summary>
/// <remarks>Pooled: <see cref="LookupCookie"/> tells the queries of one use from those of another.</remarks>
internal sealed partial class NodeLookup : IQueryListener
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(1);

    // A family in which nobody has answered when the other is done has had as long as that took already.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.25);

    private readonly NodeLookups _owner;
    private readonly NodeClock _clock;
    private readonly LookupSeeds _seeds;
    private readonly GuardedLookupListener _listeners;
    private readonly LookupHalf _overIPv4;
    private readonly LookupHalf _overIPv6;
    private int _peers;
    private LookupRequest _request;
    private Instant _startedAt;
    private Instant _graceUntil;
    private TimeSpan _found;
    private int _bogons;
    private int _refusals;
    private int _lastErrorCode;
    private int _unsent;

    public NodeLookup(
        NodeLookups owner,
        int slot,
        NodeClock clock,
        LookupSeeds seeds,
        GuardedLookupListener listeners,
        Func<IQueryListener, IpFamily, LookupHalf> createHalf)
    {
        _owner = owner;
        _clock = clock;
        _seeds = seeds;
        _listeners = listeners;
        _overIPv4 = createHalf(this, IpFamily.IPv4);
        _overIPv6 = createHalf(this, IpFamily.IPv6);
        Slot = slot;
    }

    /// <summary>Which place it holds.</summary>
    public int Slot { get; }

    /// <summary>Which use of the object this is; never 0 while it is in use.</summary>
    public uint Generation { get; private set; }

    public bool IsActive { get; private set; }

    public LookupKind Kind => _request.Kind;

    /// <summary>
    /// When to go on if nothing happens before; never, when an answer or a timeout is what it waits for.
    /// </summary>
    public Instant RetryAt { get; private set; } = Instant.Never;

    private LookupCookie Use => LookupCookie.OfUse(Generation);

    private bool IsAwaited => _request.Listener != null;

    public void Begin(in LookupRequest request, Instant now)
    {
        Invariant.Holds(!IsActive, "a lookup begins in a free place");
        Generation++;
        Generation += Generation == 0 ? 1u : 0u;
        IsActive = true;
        _request = request;
        _startedAt = now;
        _graceUntil = Instant.Never;
        _found = default;
        _bogons = 0;
        _refusals = 0;
        _lastErrorCode = 0;
        _unsent = 0;
        _peers = 0;
        _overIPv4.Begin(request, Use);
        _overIPv6.Begin(request, Use);

        // The first step comes with the next tick, so that nobody is notified of the end before the caller has the
        // handle.
        RetryAt = now;
    }

    /// <summary>
    /// Serves a caller that wants just what the node is doing for itself, so that no node is asked twice at once: it
    /// looks for the same, for upkeep, notifies nobody, and has no answer yet.
    /// </summary>
    public bool TryTakeOver(in LookupRequest request)
    {
        if (!IsActive || IsAwaited || Kind != LookupKind.Upkeep || request.Kind != LookupKind.Upkeep
            || request.Listener == null || request.Target != _request.Target
            || _overIPv4.Answered + _overIPv6.Answered > 0)
        {
            return false;
        }

        _request = request;
        _overIPv4.Await();
        _overIPv6.Await();
        return true;
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
        if (now - _startedAt > TimeMax)
        {
            // A node that answers slowly and names a nearer one each time could otherwise keep the lookup alive
            // forever.
            End(Outcome(), now);
            return;
        }

        _overIPv4.Search(now);
        _overIPv6.Search(now);
        NoteGrace(now);
        _overIPv4.Announce(isAlone: _overIPv6.IsSearched || IsPastGrace(_overIPv6, now), now);
        _overIPv6.Announce(isAlone: _overIPv4.IsSearched || IsPastGrace(_overIPv4, now), now);
        if (IsDone(_overIPv4, now) && IsDone(_overIPv6, now))
        {
            End(Outcome(), now);
            return;
        }

        RetryAt = Instant.Min(_overIPv4.NextDue, _overIPv6.NextDue);
        RetryAt = now < _graceUntil ? Instant.Min(RetryAt, _graceUntil) : RetryAt;
        _owner.Expect(RetryAt);
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

        if (HalfOf(mark).TryTake(mark, response, _clock.Now))
        {
            Take(response, source, mark);
        }
        else if (mark.IsProbe)
        {
            OfferContacts(response);
        }

        // A listener that was notified of peers may have cancelled, and started another in this place.
        if (IsCurrent(mark))
        {
            Step(_clock.Now);
        }
    }

    void IQueryListener.OnError(in KrpcMessage error, in Endpoint source, long cookie)
    {
        var mark = new LookupCookie(cookie);
        if (IsCurrent(mark))
        {
            _refusals++;
            _lastErrorCode = error.ErrorCode;
            HalfOf(mark).Refuse(mark, Refusals.KindOf(error), _clock.Now);
            Step(_clock.Now);
        }
    }

    void IQueryListener.OnTimeout(in Endpoint destination, long cookie)
    {
        var mark = new LookupCookie(cookie);
        if (IsCurrent(mark))
        {
            HalfOf(mark).Fail(mark);
            Step(_clock.Now);
        }
    }

    void IQueryListener.OnNotSent(in Endpoint destination, long cookie)
    {
        var mark = new LookupCookie(cookie);
        if (IsCurrent(mark))
        {
            _unsent++;
            HalfOf(mark).TakeBack(mark, _clock.Now);
            Step(_clock.Now);
        }
    }

    void IQueryListener.OnLate(in Endpoint destination, long cookie)
    {
        var mark = new LookupCookie(cookie);
        if (IsCurrent(mark))
        {
            HalfOf(mark).MarkLate(mark, _clock.Now);
            Step(_clock.Now);
        }
    }

    /// <summary>Whether a half is over, or has had its time.</summary>
    private bool IsDone(LookupHalf half, Instant now) => half.IsOver || IsPastGrace(half, now);

    private bool IsPastGrace(LookupHalf half, Instant now) => now >= _graceUntil && half.Answered == 0;

    /// <summary>
    /// Nobody waits seconds for a family in which no node has answered, once the other has its results.
    /// </summary>
    private void NoteGrace(Instant now)
    {
        bool isOneDone = (_overIPv4 is { IsSearched: true, Answered: > 0 } && _overIPv6.Answered == 0)
            || (_overIPv6 is { IsSearched: true, Answered: > 0 } && _overIPv4.Answered == 0);
        if (isOneDone && IsAwaited && _graceUntil == Instant.Never)
        {
            _graceUntil = now + Grace;
        }
    }

    private void Take(in KrpcMessage response, in Endpoint source, LookupCookie mark)
    {
        LookupHalf half = HalfOf(mark);
        CandidateSet set = half.Candidates;
        if (half.IsAnnouncing)
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

        // A node that gives no token cannot be announced to: the next nearest takes its place.
        bool isGuide = !isTrusted || _seeds.IsRouter(source);
        bool isResult = Kind != LookupKind.Announce || CandidateSet.IsToken(response.Token);
        bool isNew = (!isGuide && set.MarkEntryAnswered(mark.Handle, response.SenderId, isResult))
            || set.MarkAnswered(mark.Handle, response.SenderId, isResult);
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
        _bogons += _overIPv4.Offer(response.Nodes);
        _bogons += _overIPv6.Offer(response.Nodes6);
    }

    private void ReportPeers(in KrpcMessage response, in Endpoint source)
    {
        if (response.HasValues && Kind is LookupKind.GetPeers or LookupKind.Announce)
        {
            CompactPeers peers = response.Values;
            foreach (Endpoint peer in peers)
            {
                if (_seeds.Allows(peer))
                {
                    _peers++;
                }
                else
                {
                    _bogons++;
                }
            }

            _listeners.OnPeers(_request, peers, source);
        }
    }

    private LookupReport Report(LookupStatus status, Instant now) => new()
    {
        Kind = _request.Kind,
        Target = _request.Target,
        Status = status,
        Asked = _overIPv4.Asked + _overIPv6.Asked,
        Answered = _overIPv4.Answered + _overIPv6.Answered,
        Refusals = _refusals,
        LastErrorCode = _lastErrorCode,
        NotSent = _unsent,
        Peers = _peers,
        Bogons = _bogons,
        AnnouncesSent = _overIPv4.AnnouncesSent + _overIPv6.AnnouncesSent,
        AnnouncesAccepted = _overIPv4.AnnouncesAccepted + _overIPv6.AnnouncesAccepted,
        Found = _found,
        Elapsed = now - _startedAt,
    };

    private LookupStatus Outcome() =>
        _overIPv4.Answered + _overIPv6.Answered > 0 ? LookupStatus.Finished
        : _overIPv4.Asked + _overIPv6.Asked + _unsent > 0 ? LookupStatus.NobodyAnswered
        : LookupStatus.NobodyKnown;

    private bool IsCurrent(LookupCookie mark) => IsActive && mark.IsOfSameUse(Use);

    private LookupHalf HalfOf(LookupCookie mark) => mark.Family == IpFamily.IPv6 ? _overIPv6 : _overIPv4;
}
