using System.Buffers.Binary;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <content>Whom to ask next, and when.</content>
public sealed partial class Crawler
{
    // Of the nodes that must wait for their address, so many are looked at per turn: first those in the ring, then in all.
    private const int RingTriesMax = 16;
    private const int ThrottledMax = 256;

    private static readonly TimeSpan RecheckInterval = TimeSpan.FromMilliseconds(20);

    private int _cursorIPv4;
    private int _cursorIPv6;
    private int _scanIPv4;
    private int _scanIPv6;
    private int _scanEndIPv4;
    private int _scanEndIPv6;
    private bool _scanSilent;
    private bool _scanning;
    private long _silent;
    private long _owed;

    /// <summary>Settles what has timed out and sends what may be sent.</summary>
    public void Tick(Instant now)
    {
        ExpireQueries(now);
        Instant next = Pump(now);
        if (_transactions.Count == 0 && _ring.Count == 0 && IsFrontierEmpty && !_scanning)
        {
            BeginNextPass();
            next = now;
        }

        next = Instant.Min(next, Later(_transactions.OldestOpenSentAt(), _window.ShortTimeout));
        next = Instant.Min(next, Later(_transactions.OldestSentAt(), _window.LongTimeout));
        NextDeadline = IsComplete ? Instant.Never : next;
    }

    private bool IsFrontierEmpty => _cursorIPv4 == _knownIPv4.Count && _cursorIPv6 == _knownIPv6.Count;

    private static Instant Later(Instant sentAt, TimeSpan timeout) => sentAt == Instant.Never ? sentAt : sentAt + timeout;

    /// <summary>Sends while the window, the rates, the outbox and the observer allow it.</summary>
    /// <returns>When it is worth trying again; never, when only an answer or a timeout can change anything.</returns>
    private Instant Pump(Instant now)
    {
        int throttled = 0;
        while (true)
        {
            if (_transactions.OpenCount >= _window.Size || _transactions.Count == _transactions.Capacity)
            {
                return Instant.Never;
            }

            if (!_packets.IsOpen(now))
            {
                return _packets.NextOpen(now);
            }

            if (!_outbox.HasRoom)
            {
                return now;
            }

            if (!_observer.IsReady)
            {
                return now + RecheckInterval;
            }

            AskOutcome outcome = AskNext(now, throttled < RingTriesMax);
            switch (outcome)
            {
                case AskOutcome.Nobody:
                    return _ring.Count > 0 ? now + RecheckInterval : Instant.Never;
                case AskOutcome.NewDestinationsSpent:
                    return _newDestinations.NextOpen(now);
                case AskOutcome.Throttled when ++throttled >= ThrottledMax:
                    return now + RecheckInterval;
            }
        }
    }

    private AskOutcome AskNext(Instant now, bool tryRing)
    {
        if (tryRing && _ring.TryDequeue(out int handle))
        {
            return Ask(handle, now);
        }

        if (!_newDestinations.IsOpen(now) && !IsFrontierEmpty)
        {
            return AskOutcome.NewDestinationsSpent;
        }

        if (_cursorIPv4 < _knownIPv4.Count)
        {
            return Ask(HandleOf(_cursorIPv4++, isIPv6: false), now);
        }

        if (_cursorIPv6 < _knownIPv6.Count)
        {
            return Ask(HandleOf(_cursorIPv6++, isIPv6: true), now);
        }

        if (!_scanning || !TryScan(out handle))
        {
            return AskOutcome.Nobody;
        }

        // Each leaves the state that the scan looks for.
        _silent -= _scanSilent ? 1 : 0;
        _owed -= _scanSilent ? 0 : 1;
        if (_scanSilent)
        {
            KnownSet known = SetOf(handle);
            ref byte state = ref known.State(IndexOf(handle));
            Endpoint endpoint = known.EndpointOf(IndexOf(handle));
            if (!CrawlState.HasAnswered(state) && !_crowd.HasRoom(endpoint))
            {
                // Perhaps not a crowd of silent nodes, but a victim whom liars name.
                state = CrawlState.At(state, CrawlState.Done);
                return AskOutcome.Asked;
            }

            _crowd.Add(endpoint);
            state = CrawlState.Retried(state);
        }

        return Ask(handle, now);
    }

    private AskOutcome Ask(int handle, Instant now)
    {
        KnownSet known = SetOf(handle);
        int index = IndexOf(handle);
        Endpoint endpoint = known.EndpointOf(index);
        ref byte state = ref known.State(index);
        bool isNew = known.Asks(index) == 0;

        // A node that waited for its address in the ring is still a new destination.
        if ((isNew && !_newDestinations.IsOpen(now)) || !_throttle.TryPass(endpoint, now))
        {
            Queue(handle);
            return AskOutcome.Throttled;
        }

        if (_outbox.TryReserve(endpoint, out Span<byte> place) != StageResult.Ready)
        {
            // Room was there, so the outbox's policy is stricter than ours.
            _counters.BogonsRefused++;
            state = CrawlState.At(state, CrawlState.Done);
            return AskOutcome.Asked;
        }

        _transactions.TryOpen(endpoint, now, new CrawlQuery(handle, CrawlState.HasAnswered(state)), out uint id);
        Span<byte> idBytes = stackalloc byte[TransactionId.Size];
        TransactionId.Write(idBytes, id);
        var envelope = new KrpcEnvelope { Id = Id, TransactionId = idBytes, Version = _version, ReadOnly = _options.ReadOnly };
        _outbox.Commit(KrpcQueries.WriteFindNode(place, envelope, TargetFor(known, index), _want));
        _packets.TryTake(now);
        if (isNew)
        {
            _newDestinations.TryTake(now);
        }

        known.Asks(index)++;
        state = CrawlState.At(state, CrawlState.Asking);
        _counters.Queries++;
        _window.OnSent();
        return AskOutcome.Asked;
    }

    /// <summary>
    /// The first time a point at the node's own id. Later a point in one of the buckets that the first answer did not cover, each
    /// bucket as likely as the others: the same bits up to there, the next one flipped, the rest random. Asked so by many, subtrees
    /// of every size are bridged; uniformly random points would nearly all lie in the two farthest buckets.
    /// </summary>
    private NodeId TargetFor(KnownSet known, int index)
    {
        Span<byte> target = stackalloc byte[NodeId.Size];
        _targets.Fill(target);
        ulong prefix = known.IdPrefixOf(index);
        if (CrawlState.HasAnswered(known.State(index)))
        {
            int flip = _targets.Next(known.Reach(index) + 1);
            ulong random = BinaryPrimitives.ReadUInt64BigEndian(target);
            ulong below = ulong.MaxValue >> flip >> 1;
            prefix = ((prefix ^ (1ul << (63 - flip))) & ~below) | (random & below);
        }

        BinaryPrimitives.WriteUInt64BigEndian(target, prefix);
        return new NodeId(target);
    }

    private void Queue(int handle)
    {
        ref byte state = ref SetOf(handle).State(IndexOf(handle));
        bool queued = _ring.TryEnqueue(handle);
        _owed += queued ? 0 : 1;
        state = CrawlState.At(state, queued ? CrawlState.Queued : CrawlState.Owed);
    }

    private void ExpireQueries(Instant now)
    {
        while (_transactions.TryMarkLate(now - _window.ShortTimeout, out int slot))
        {
            _window.OnShortTimeout(_transactions.State(slot).Proven);
        }

        while (_transactions.TryGetExpired(now - _window.LongTimeout, out int slot))
        {
            CrawlQuery query = _transactions.State(slot);
            _transactions.Close(slot);
            _counters.Timeouts++;
            ref byte state = ref SetOf(query.Node).State(IndexOf(query.Node));
            bool again = CrawlState.RetriesOf(state) < _options.SilentRetries;
            _silent += again ? 1 : 0;
            state = CrawlState.At(state, again ? CrawlState.Silent : CrawlState.Done);
        }
    }

    /// <summary>Called when nothing is queued and nothing is under way.</summary>
    private void BeginNextPass()
    {
        if (_owed == 0 && _silent == 0)
        {
            IsComplete = IsFrontierEmpty;
            return;
        }

        // Debts first; they may bring news. The silent ones come when nothing else is left.
        _scanSilent = _owed == 0;
        _scanIPv4 = 0;
        _scanIPv6 = 0;
        _scanEndIPv4 = _knownIPv4.Count;
        _scanEndIPv6 = _knownIPv6.Count;
        _scanning = true;
    }

    private bool TryScan(out int handle)
    {
        byte wanted = _scanSilent ? CrawlState.Silent : CrawlState.Owed;
        handle = 0;
        while (_scanIPv4 < _scanEndIPv4)
        {
            handle = HandleOf(_scanIPv4, isIPv6: false);
            if (CrawlState.StepOf(_knownIPv4.State(_scanIPv4++)) == wanted)
            {
                return true;
            }
        }

        while (_scanIPv6 < _scanEndIPv6)
        {
            handle = HandleOf(_scanIPv6, isIPv6: true);
            if (CrawlState.StepOf(_knownIPv6.State(_scanIPv6++)) == wanted)
            {
                return true;
            }
        }

        _scanning = false;
        return false;
    }
}
