using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <content>Whom it asks, and when.</content>
public sealed partial class Crawler
{
    /// <summary>Settles what has timed out and sends what may be sent.</summary>
    public void Tick(Instant now)
    {
        _now = now;
        _queries.Update(NextDeadline, now);
        bool isDown = IsOffline || _gates.IsAnyDown;
        _downSince = isDown ? Instant.Min(_downSince, now) : Instant.Never;
        Instant next = Instant.Min(Probe(now), IsOffline ? Instant.Never : Pump(now));
        if (!IsOffline && _queries.IsIdle && _frontier.IsUsedUp)
        {
            next = Instant.Min(next, _passes.Turn(_queries.GotOut, _line, _gates.IsAnyDown, now));
        }

        if (_frontier.IsExhausted)
        {
            _queries.CloseProbes();
            NextDeadline = Instant.Never;
            return;
        }

        NextDeadline = Instant.Min(next, _queries.NextDeadline(now));
    }

    /// <summary>Whether only a probe can tell what it means that nothing gets out.</summary>
    private bool IsInNeed => _gates.IsAnyDown || _passes.NeedsProof;

    private bool IsStranded => _downSince != Instant.Never && _now - _downSince >= _offlineMax;

    /// <summary>
    /// Asks some that have answered before whether they still do, when that is due. While the line is down one of the
    /// others is asked as well: perhaps none of those lives any more.
    /// </summary>
    /// <returns>When that is due next.</returns>
    private Instant Probe(Instant now)
    {
        Instant due = _line.NextProbe(_pace.Window.LongTimeout, _queries.IsHeld(now), IsInNeed);
        if (due > now)
        {
            return due;
        }

        if (_pace.NextPacket(now) is var nextPacket && nextPacket > now)
        {
            return nextPacket;
        }

        if (!_outbox.HasRoom || !_observer.IsReady)
        {
            return now + RecheckInterval;
        }

        bool isSent = false;
        for (int i = 0; i < ProbesAtOnce && _outbox.HasRoom && _pace.NextPacket(now) <= now; i++)
        {
            isSent |= _probes.TryNext(withEntries: IsOffline, out int handle) && _queries.Probe(handle, now);
        }

        _line.OnProbed(isSent, now, _pace.Window.LongTimeout);
        if (IsOffline && _outbox.HasRoom && !_queries.IsFull)
        {
            AskNext(now, tryRing: true);
        }

        return _line.NextProbe(_pace.Window.LongTimeout, _queries.IsHeld(now), IsInNeed);
    }

    /// <summary>Sends while the window, the rates, the outbox and the observer allow it.</summary>
    /// <returns>When it is worth trying again; never, when only an answer or a timeout can change anything.</returns>
    private Instant Pump(Instant now)
    {
        int throttled = 0;
        while (true)
        {
            if (_queries.InFlight >= _pace.Window.Size || _queries.IsFull)
            {
                return Instant.Never;
            }

            Instant nextPacket = _pace.NextPacket(now);
            if (nextPacket > now)
            {
                return nextPacket;
            }

            if (!_outbox.HasRoom)
            {
                return now;
            }

            if (!_observer.IsReady)
            {
                return now + RecheckInterval;
            }

            switch (AskNext(now, throttled < RingTriesMax))
            {
                case AskOutcome.NothingToAsk:
                    return _frontier.HasQueued ? now + RecheckInterval : Instant.Never;
                case AskOutcome.NewDestinationsSpent:
                    return _pace.NextNewDestination(now);
                case AskOutcome.Throttled when ++throttled >= ThrottledMax:
                    return now + RecheckInterval;
            }
        }
    }

    private AskOutcome AskNext(Instant now, bool tryRing)
    {
        if (tryRing && _frontier.TryTakeQueued(out int handle))
        {
            return _queries.Ask(handle, now);
        }

        if (!_pace.MayContactNew(now) && _frontier.HasNew)
        {
            return AskOutcome.NewDestinationsSpent;
        }

        return _frontier.TryTakeNew(out handle) || _frontier.TryTakeScanned(out handle)
            ? _queries.Ask(handle, now)
            : AskOutcome.NothingToAsk;
    }
}
