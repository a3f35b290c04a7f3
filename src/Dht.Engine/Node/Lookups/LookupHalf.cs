using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// One family's half of a lookup: its search, then its announcement. It goes on by itself, and does not wait for the
/// other; when both are over is for <see cref="NodeLookup"/> to say.
/// </summary>
internal sealed class LookupHalf
{
    private readonly FamilySearch _search;
    private readonly LookupProbes _probes = new();
    private readonly LookupPauses _pauses = new();
    private readonly LookupAnnouncement _announcement = new();
    private LookupKind _kind;
    private NodeId _target;
    private ushort _port;
    private Instant _retryAt;
    private bool _isBusy;

    public LookupHalf(FamilySearch search) => _search = search;

    public CandidateSet Candidates => _search.Candidates;

    /// <summary>Queries sent, probes too.</summary>
    public int Asked => Candidates.AskedCount + _probes.Sent;

    public int Answered => Candidates.AnsweredCount;

    public int AnnouncesSent => _announcement.Sent;

    public int AnnouncesAccepted => _announcement.Accepted;

    /// <summary>
    /// Whether no node is left to ask or to wait for; an answer of the other family can name another.
    /// </summary>
    public bool IsSearched { get; private set; }

    /// <summary>Whether those to announce to are chosen.</summary>
    public bool IsAnnouncing => _announcement.IsUnderWay;

    /// <summary>Whether it has nothing left to do.</summary>
    public bool IsOver => IsSearched
        && (_kind != LookupKind.Announce || Candidates.ClosestCount == 0
            || (_announcement.IsUnderWay && _announcement.IsOver));

    /// <summary>When there is something to do, if nothing happens before.</summary>
    public Instant NextDue => IsOver ? Instant.Never
        : Instant.Min(_retryAt, Instant.Min(_pauses.NextDue, _announcement.NextDue));

    public void Begin(in LookupRequest request, LookupCookie use)
    {
        _kind = request.Kind;
        _target = request.Target;
        _port = request.Port;
        _retryAt = Instant.Never;
        _isBusy = false;
        IsSearched = false;
        _probes.Begin();
        _pauses.Clear();
        _announcement.Reset();
        _search.Begin(request, use);
    }

    /// <summary>Asks those who are next.</summary>
    public void Search(Instant now)
    {
        if (_announcement.IsUnderWay)
        {
            return;
        }

        while (_pauses.TryTakeDue(now, out long handle))
        {
            Candidates.Rouse(handle);
        }

        bool isEarly = _retryAt != Instant.Never && now < _retryAt;
        if (isEarly && _isBusy)
        {
            // What could not be sent a moment ago cannot be sent now.
            return;
        }

        HoldUp heldUp = _search.Ask(_pauses, isEarly, now);
        _isBusy = heldUp == HoldUp.Busy;
        _search.AskAgain(now);
        _retryAt = isEarly ? _retryAt : heldUp != HoldUp.None ? now + LookupPauses.RetryInterval : Instant.Never;
        if (_kind != LookupKind.Upkeep)
        {
            _probes.Send(_search, _target, now);
        }

        IsSearched = !_probes.IsAnyOpen && _search.IsOver;
    }

    /// <summary>Announces, if that is asked for and the search is over.</summary>
    /// <param name="isAlone">Whether the other family names no more contacts of this one.</param>
    /// <param name="now">The current instant.</param>
    public void Announce(bool isAlone, Instant now)
    {
        if (_kind != LookupKind.Announce || !IsSearched || Candidates.ClosestCount == 0)
        {
            return;
        }

        if (!_announcement.IsUnderWay)
        {
            if (!isAlone && !Candidates.IsFull)
            {
                return;
            }

            _retryAt = Instant.Never;
            _pauses.Clear();
            _announcement.Begin(Candidates.ClosestCount);
        }

        _announcement.Send(_search, _port, now);
    }

    /// <summary>Puts the contacts of an answer among the candidates; how many the address policy refuses.</summary>
    public int Offer(CompactNodes contacts) => _announcement.IsUnderWay ? 0 : _search.Offer(contacts);

    /// <summary>A caller waits for it from now on.</summary>
    public void Await() => Candidates.Await();

    /// <summary>A query of it was answered, and that is all there is to it.</summary>
    /// <returns>Whether the answer is that of a candidate, which is the lookup's to read.</returns>
    public bool TryTake(LookupCookie mark, in KrpcMessage response, Instant now)
    {
        if (mark.IsAnnouncement)
        {
            _announcement.Take(_search, mark, response, now);
        }
        else if (mark.IsProbe)
        {
            _probes.End(mark);
        }

        return !mark.IsAnnouncement && !mark.IsProbe;
    }

    /// <summary>A query of it was answered with an error.</summary>
    public void Refuse(LookupCookie mark, RefusalKind refusal, Instant now)
    {
        if (mark.IsAnnouncement)
        {
            _announcement.Refuse(mark, refusal, now);
        }
        else if (mark.IsProbe)
        {
            _probes.End(mark);
        }
        else if (refusal != RefusalKind.ForNow)
        {
            Candidates.MarkFailed(mark.Handle);
        }
        else if (Candidates.MarkRefused(mark.Handle))
        {
            Pause(mark.Handle, now);
        }
    }

    /// <summary>A query of it has not left this machine.</summary>
    public void TakeBack(LookupCookie mark, Instant now)
    {
        if (mark.IsAnnouncement)
        {
            _announcement.Refuse(mark, RefusalKind.ForNow, now);
        }
        else if (mark.IsProbe)
        {
            _probes.End(mark);
        }
        else if (Candidates.MarkUnsent(mark.Handle))
        {
            Pause(mark.Handle, now);
        }
    }

    /// <summary>A query of it was not answered.</summary>
    public void Fail(LookupCookie mark)
    {
        if (mark.IsAnnouncement)
        {
            _announcement.Fail(mark);
        }
        else if (mark.IsProbe)
        {
            _probes.End(mark);
        }
        else
        {
            Candidates.MarkFailed(mark.Handle, isSilent: true);
        }
    }

    /// <summary>An answer takes unusually long.</summary>
    public void MarkLate(LookupCookie mark, Instant now)
    {
        if (mark.IsAnnouncement)
        {
            _announcement.MarkLate(_search, mark, _port, now);
        }
        else if (mark.IsProbe)
        {
            _probes.End(mark);
        }
        else
        {
            Candidates.MarkLate(mark.Handle);
        }
    }

    private void Pause(long handle, Instant now)
    {
        if (!_pauses.TryAdd(handle, now))
        {
            Candidates.MarkFailed(handle);
        }
    }
}
