using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <summary>
/// Walks the DHT as a state machine: asks every node it hears of, as long as the answers name nodes not met before.
/// It owns no socket, no thread, no clock.
/// </summary>
/// <remarks>
/// <para>
/// A node is first asked for what is nearest to its own id: an honest answer is complete there, because the buckets
/// next to a node hold everything there is. Then it is asked farther out, at least once and as long as answers bring
/// news: that leads to other regions. Nodes are numbered as they are met, so the frontier is a cursor over the known
/// set.
/// </para>
/// <para>
/// When the cursor is at the end and all queries are settled, those that stayed silent are asked once more. The sweep
/// is complete when that, too, has settled.
/// </para>
/// <para>
/// One thread. Allocates only when created and when the known set outgrows <see cref="CrawlOptions.ExpectedNodes"/>.
/// </para>
/// </remarks>
public sealed partial class Crawler
{
    // Of the nodes that must wait for their address, so many are looked at per turn: first those in the ring, then in
    // all.
    private const int RingTriesMax = 16;
    private const int ThrottledMax = 256;

    private static readonly TimeSpan RecheckInterval = TimeSpan.FromMilliseconds(20);

    private readonly ICrawlObserver _observer;
    private readonly Outbox _outbox;
    private readonly SeededRandomSource _targets;
    private readonly CrawlFrontier _frontier;
    private readonly CrawlPace _pace;
    private readonly CrawlQueries _queries;
    private readonly CrawlHarvest _harvest;
    private readonly Instant _startedAt;
    private CrawlCounters _answers;

    /// <summary>Creates a crawler that knows no node yet.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="observer">Notified of what it finds.</param>
    /// <param name="outbox">Where it stages what it sends.</param>
    /// <param name="policy">Which contacts to believe; the outbox asks its own once more.</param>
    /// <param name="random">For ids and keys; cryptographic on a real network.</param>
    /// <param name="now">The current instant.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Crawler(
        CrawlOptions options,
        ICrawlObserver observer,
        Outbox outbox,
        IAddressPolicy policy,
        IRandomSource random,
        Instant now)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(observer);
        ArgumentNullException.ThrowIfNull(outbox);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        _observer = observer;
        _outbox = outbox;
        _targets = new SeededRandomSource(random.NextUInt64());
        _startedAt = now;
        Id = options.Id ?? NodeId.Random(random);
        var hasher = new EndpointHasher(random.NextUInt64(), random.NextUInt64());
        _frontier = new CrawlFrontier(options, hasher);
        _pace = new CrawlPace(options);
        _queries = new CrawlQueries(options, outbox, _frontier, _pace, Id, hasher, _targets, random);
        _harvest = new CrawlHarvest(options, _frontier, policy, Id, now);
        NextDeadline = now;
    }

    /// <summary>The id in our queries.</summary>
    public NodeId Id { get; }

    /// <summary>Whether every node has been asked and every query is settled.</summary>
    public bool IsComplete => _frontier.IsComplete;

    /// <summary>
    /// When <see cref="Tick"/> has something to do next. Whatever is received before then may bring it forward.
    /// </summary>
    public Instant NextDeadline { get; private set; }

    /// <summary>What it has done so far.</summary>
    public CrawlCounters Counters => _answers with
    {
        NodesSeen = _frontier.NodesSeen,
        Queries = _queries.Sent,
        Timeouts = _queries.Expired,
        BogonsRefused = _harvest.BogonsRefused + _queries.Forbidden,
        CrowdedRefused = _harvest.CrowdedRefused,
        KnownSetFull = _harvest.KnownSetFull,
        InFlight = _queries.InFlight,
        Window = _pace.Window.Size,
        Frontier = _frontier.Remaining,
        KnownSetBytes = _frontier.MemoryBytes,
    };

    /// <summary>Names a node to begin at.</summary>
    /// <returns>False when the address policy refuses it, its family is not crawled, or it is known already.</returns>
    public bool AddEndpoint(in Endpoint endpoint, Instant now)
    {
        if (!_harvest.Allows(endpoint))
        {
            return false;
        }

        // Its id is not known, so it is first asked for any point.
        bool isNew = _harvest.TryLearn(endpoint, _frontier.HashOf(endpoint), _targets.NextUInt64(), now);
        NextDeadline = isNew ? Instant.Min(NextDeadline, now) : NextDeadline;
        return isNew;
    }

    /// <summary>Parses a datagram and acts on it if it settles a query of ours.</summary>
    /// <param name="datagram">Borrowed for the duration of the call.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="now">The current instant.</param>
    /// <returns>Why it was no KRPC message, or <see cref="KrpcFault.None"/>.</returns>
    public KrpcFault Receive(ReadOnlySpan<byte> datagram, in Endpoint source, Instant now)
    {
        KrpcFault fault = KrpcMessage.Parse(datagram, out KrpcMessage message);
        if (fault == KrpcFault.None)
        {
            TrySettle(message, source, now);
        }

        return fault;
    }

    /// <summary>Acts on a response or an error if it settles a query of ours.</summary>
    /// <returns>False when it does not: it may be meant for another user of the socket.</returns>
    public bool TrySettle(in KrpcMessage message, in Endpoint source, Instant now)
    {
        if (message.Kind == KrpcKind.Query)
        {
            return false;
        }

        SettleResult result = _queries.Settle(message, source, out EndedQuery<CrawlQuery> ended);
        if (result is SettleResult.Unknown or SettleResult.WrongSource)
        {
            _answers.Rejected += result == SettleResult.WrongSource ? 1 : 0;
            return result == SettleResult.WrongSource;
        }

        // The answer leaves room in the window, and may bring news.
        NextDeadline = Instant.Min(NextDeadline, now);
        switch (result)
        {
            case SettleResult.Error:
                _answers.Errors++;
                _frontier.Finish(ended.Query.Node);
                break;
            case SettleResult.Response:
                OnResponse(message, ended, now);
                break;
            default:
                _answers.Rejected++;
                break;
        }

        return true;
    }

    /// <summary>Settles what has timed out and sends what may be sent.</summary>
    public void Tick(Instant now)
    {
        _queries.Expire(now);
        Instant next = Pump(now);
        if (_queries.IsIdle && _frontier.IsUsedUp)
        {
            _frontier.BeginNextPass();
            next = now;
        }

        NextDeadline = IsComplete ? Instant.Never : Instant.Min(next, _queries.NextDeadline);
    }

    private void OnResponse(in KrpcMessage response, in EndedQuery<CrawlQuery> ended, Instant now)
    {
        TimeSpan roundTrip = now - ended.SentAt;
        CrawlQuery query = ended.Query;
        _answers.Late += ended.IsLate ? 1 : 0;
        _answers.Responses++;
        _pace.Window.OnAnswer(roundTrip, query.Proven);
        if (query.Proven)
        {
            _harvest.Take(query.Node, response, now);
            return;
        }

        _answers.NodesAlive++;
        KnownNode node = _frontier[query.Node];
        node.IdPrefix = response.SenderId.Prefix64;
        _harvest.Take(query.Node, response, now);

        // Last, so that all is in order should the observer throw.
        _observer.OnNode(new CrawledNode
        {
            Id = response.SenderId,
            Endpoint = ended.Destination,
            RoundTrip = roundTrip,
            Version = response.Version,
            FirstSeen = _startedAt + TimeSpan.FromMilliseconds(node.FirstSeen),
            LastSeen = now,
        });
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
