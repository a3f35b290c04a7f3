using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <summary>
/// Whether the line to the network works, so that an outage of our own is not held against those who could not answer.
/// </summary>
/// <remarks>
/// <code>
///  answers . . . . .                                        . . . .
///                  | quiet: proven nodes are probed    | offline: probes alone |
///                  +-----------------------------------+-----------------------+
///                       1 s at least, no probe answered    until the first answer
/// </code>
/// That a node is silent counts only while the line is known to have worked: up to the last answer, whoever gave it.
/// Most silence is cleared up by the next answer of anybody; where a crawl asks none but the dead, by that of a probe.
/// A query that was open while the line was down counts as not asked.
/// </remarks>
internal sealed class LineWatch
{
    // So few may all be to dead nodes; unless one of them is at its end, that is no reason to doubt the line.
    private const int SentMin = 8;

    private static readonly TimeSpan QuietMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PatienceMin = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    // A process that was stopped for so long has missed what came meanwhile.
    private static readonly TimeSpan StallMin = TimeSpan.FromSeconds(2);

    // Of the last outage, from the last answer before it to the first one after it.
    private Instant _outageBegan;
    private Instant _outageEnded;
    private Instant _answeredAt;
    private Instant _quietSince;
    private Instant _probedAt = Instant.Never;
    private Instant _nextProbe;
    private int _sentSince;

    /// <summary>Whether any node has ever answered.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Whether nobody answers, nor those that have answered before.</summary>
    public bool IsOffline { get; private set; }

    /// <summary>When the last answer came.</summary>
    public Instant AnsweredAt => _answeredAt;

    /// <summary>A query was sent.</summary>
    public void OnSent(Instant now)
    {
        if (_sentSince++ == 0 && _probedAt == Instant.Never && now > _quietSince)
        {
            _quietSince = now;
        }
    }

    /// <summary>A node has answered, with an error if need be.</summary>
    public void OnAnswer(Instant now)
    {
        if (IsOffline)
        {
            IsOffline = false;
            _outageEnded = now;
        }

        HasAnswered = true;
        _answeredAt = now;
        _quietSince = now;
        _probedAt = Instant.Never;
        _sentSince = 0;
    }

    /// <summary>It was time to probe.</summary>
    /// <param name="isSent">Whether any node could be asked.</param>
    /// <param name="now">The current instant.</param>
    /// <param name="longTimeout">When a query counts as unanswered.</param>
    public void OnProbed(bool isSent, Instant now, TimeSpan longTimeout)
    {
        _probedAt = isSent ? Instant.Min(_probedAt, now) : _probedAt;
        _nextProbe = now + (IsOffline ? ProbeInterval : Soon(longTimeout));
    }

    /// <summary>When to probe; at once, when that instant is past.</summary>
    /// <param name="longTimeout">When a query counts as unanswered.</param>
    /// <param name="isHeld">Whether a query is past that, and it is open whether the line worked.</param>
    /// <param name="isShut">Whether the system does not let out what is asked.</param>
    public Instant NextProbe(TimeSpan longTimeout, bool isHeld, bool isShut)
    {
        if (!HasAnswered)
        {
            return Instant.Never;
        }

        if (IsOffline || isShut || _probedAt != Instant.Never)
        {
            return _nextProbe;
        }

        return isHeld || _sentSince >= SentMin
            ? Instant.Max(_nextProbe, _quietSince + Soon(longTimeout))
            : Instant.Never;
    }

    /// <summary>Looks whether the probes have been waiting for too long.</summary>
    public void Update(Instant now, TimeSpan shortTimeout, TimeSpan longTimeout)
    {
        bool isUnanswered = _probedAt != Instant.Never && now - _probedAt >= PatienceFor(shortTimeout);
        if (!IsOffline && isUnanswered && now - _quietSince >= QuietMin)
        {
            IsOffline = true;
            BeginOutage(_answeredAt, now, longTimeout);
        }
    }

    /// <summary>Looks whether we ourselves were away: stopped, or asleep.</summary>
    /// <param name="due">When the crawl was to be called.</param>
    /// <param name="now">When it was called.</param>
    /// <param name="longTimeout">How long a query is open.</param>
    public void CheckStall(Instant due, Instant now, TimeSpan longTimeout)
    {
        if (HasAnswered && now - due >= StallMin)
        {
            BeginOutage(Instant.Min(due, _answeredAt), now, longTimeout);
            _outageEnded = now;
            _quietSince = now;
            _probedAt = Instant.Never;
        }
    }

    /// <summary>Queries sent up to then can be judged: the line is known to have worked, or not to have.</summary>
    public Instant DecidedUntil(Instant now, TimeSpan shortTimeout, bool canProbe) =>
        !HasAnswered || IsOffline || !canProbe ? now : Instant.Max(_answeredAt - shortTimeout, _outageEnded);

    /// <summary>Whether the silence of a node that was asked then says something about the node.</summary>
    public bool IsSilence(Instant sentAt, TimeSpan shortTimeout)
    {
        Instant due = sentAt + shortTimeout;
        bool isInOutage = sentAt < _outageEnded && due > _outageBegan;
        return !HasAnswered || !(isInOutage || (IsOffline && due > _answeredAt));
    }

    private void BeginOutage(Instant from, Instant now, TimeSpan longTimeout)
    {
        // While queries of the last outage may still be open, the two are one.
        bool isNew = now - _outageEnded > longTimeout + longTimeout;
        _outageBegan = isNew ? from : Instant.Min(_outageBegan, from);
    }

    // A machine that is busy answers itself late, whatever the network does.
    private static TimeSpan PatienceFor(TimeSpan shortTimeout) =>
        shortTimeout * 2 > PatienceMin ? shortTimeout * 2 : PatienceMin;

    private static TimeSpan Soon(TimeSpan longTimeout) =>
        longTimeout / 2 < ProbeInterval ? longTimeout / 2 : ProbeInterval;
}
