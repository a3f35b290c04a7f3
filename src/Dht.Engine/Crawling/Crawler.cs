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
/// When the cursor is at the end and all queries are settled, those that refused or stayed silent are asked once more.
/// The sweep is complete when that, too, has settled.
/// </para>
/// <para>
/// While nobody at all answers, it asks nobody new, probes a few nodes that have answered before, and holds nobody's
/// silence against it. What the system refuses to send was not asked either.
/// </para>
/// <para>
/// One thread. Allocates only when created and when the known set outgrows <see cref="CrawlOptions.ExpectedNodes"/>.
/// </para>
/// </remarks>
public sealed partial class Crawler : ISendOwner
{
    // Of the nodes that must wait for their address, so many are looked at per turn: first those in the ring, then in
    // all.
    private const int RingTriesMax = 16;
    private const int ThrottledMax = 256;
    private const int ProbesAtOnce = 3;

    // In a network that is whole, what one node would have named is named by others; one in so many may refuse.
    private const int RefusingShare = 20;

    private static readonly TimeSpan RecheckInterval = TimeSpan.FromMilliseconds(20);

    private readonly ICrawlObserver _observer;
    private readonly Outbox _outbox;
    private readonly SeededRandomSource _targets;
    private readonly CrawlFrontier _frontier;
    private readonly CrawlPasses _passes;
    private readonly CrawlProbes _probes;
    private readonly CrawlPace _pace;
    private readonly LineWatch _line = new();
    private readonly SendGates _gates = new();
    private readonly CrawlQueries _queries;
    private readonly CrawlHarvest _harvest;
    private readonly Instant _startedAt;
    private readonly TimeSpan _offlineMax;
    private CrawlCounters _answers;
    private Instant _downSince = Instant.Never;
    private Instant _now;

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
        _now = now;
        _offlineMax = options.OfflineMax;
        Id = options.Id ?? NodeId.Random(random);
        var hasher = new EndpointHasher(random.NextUInt64(), random.NextUInt64());
        _frontier = new CrawlFrontier(options, hasher);
        _pace = new CrawlPace(options);
        _passes = new CrawlPasses(_frontier);
        _probes = new CrawlProbes(_frontier, _targets);
        _queries = new CrawlQueries(
            options, outbox, _frontier, _pace, _probes, _line, _gates, this, Id, hasher, _targets, random);
        _harvest = new CrawlHarvest(options, _frontier, policy, Id, now);
        NextDeadline = now;
    }

    /// <summary>The id in our queries.</summary>
    public NodeId Id { get; }

    /// <summary>
    /// Whether every node that was named has been asked, and again if it was silent, while the line worked, and none
    /// was left out; <see cref="Gaps"/> says what is missing.
    /// </summary>
    public bool IsComplete => Gaps == CrawlGaps.None;

    /// <summary>
    /// Whether there is nothing more to do, complete or not: no node is left that can be asked, or the line has been
    /// down for longer than <see cref="CrawlOptions.OfflineMax"/>.
    /// </summary>
    public bool IsOver => _frontier.IsExhausted || IsStranded;

    /// <summary>
    /// Whether nobody answers any more, not even those that have answered before, or the system lets nothing out. It
    /// goes on by itself with the first answer.
    /// </summary>
    public bool IsOffline => _line.IsOffline || _gates.AreAllDown;

    /// <summary>Why it is not complete.</summary>
    public CrawlGaps Gaps
    {
        get
        {
            CrawlGaps gaps = CrawlGaps.None;
            if (!_frontier.IsSwept)
            {
                bool isUnsendable = _frontier.IsExhausted || _gates.IsAnyDown;
                gaps |= CrawlGaps.Unasked | (isUnsendable ? CrawlGaps.NotSent : 0);
                gaps |= IsOffline ? CrawlGaps.Offline : 0;
            }

            gaps |= !_line.HasAnswered && _frontier.NodesSeen > 0 ? CrawlGaps.NobodyAnswered : 0;
            bool isRefused = _frontier.NodesUnheard * RefusingShare > _answers.NodesAlive + _frontier.NodesRefusing;
            gaps |= isRefused ? CrawlGaps.Refused : 0;
            return gaps | (_harvest.KnownSetFull > 0 ? CrawlGaps.KnownSetFull : 0);
        }
    }

    /// <summary>
    /// When <see cref="Tick"/> has something to do next. Whatever is received before then may bring it forward.
    /// </summary>
    public Instant NextDeadline { get; private set; }

    /// <summary>Of the gaps those that a user should know when they come about, not only at the end.</summary>
    internal CrawlGaps Trouble =>
        (IsOffline ? CrawlGaps.Offline : 0)
        | (_pace.IsLimited || _gates.IsAnyShut ? CrawlGaps.NotSent : 0)
        | (_harvest.KnownSetFull > 0 ? CrawlGaps.KnownSetFull : 0);

    /// <summary>What it has done so far.</summary>
    public CrawlCounters Counters => _answers with
    {
        NodesSeen = _frontier.NodesSeen,
        NodesRefusing = _frontier.NodesRefusing,
        NodesUnsendable = _frontier.NodesUnsendable,
        Queries = _queries.Sent,
        Probes = _queries.Probes,
        NotSent = _queries.NotSent,
        TakenBack = _queries.TakenBack,
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
        if (isNew)
        {
            NextDeadline = Instant.Min(NextDeadline, now);
            _answers.Entries++;
            _probes.AddEntry(_frontier.Newest);
        }

        return isNew;
    }

    /// <summary>
    /// Asks those that have never answered once more, and those that it began at, once nobody else is left to ask:
    /// they may answer by now, or name others. A node that has been asked eight times in vain is left alone.
    /// </summary>
    /// <returns>False when it is still asking.</returns>
    public bool AskAgain(Instant now)
    {
        if (!_frontier.IsExhausted)
        {
            return false;
        }

        _passes.Restart();
        _frontier.Revisit();
        foreach (int entry in _probes.Entries)
        {
            _frontier.Revisit(entry);
        }

        NextDeadline = Instant.Min(NextDeadline, now);
        return true;
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

        SettleResult result = _queries.Settle(message, source, now, out EndedQuery<CrawlQuery> ended);
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
                if (!ended.Query.IsProbe)
                {
                    OnError(ended.Query.Node, message.ErrorCode, now);
                }

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

    void ISendOwner.OnRefused(long ticket, Instant now)
    {
        _queries.Withdraw(ticket);
        NextDeadline = Instant.Min(NextDeadline, now);
    }

    /// <summary>Errors but "protocol error" and "method unknown" may mean that it has too much to do.</summary>
    private void OnError(int handle, int code, Instant now)
    {
        bool mayAnswerLater = code is not (KrpcErrorCode.Protocol or KrpcErrorCode.MethodUnknown);
        int times = _frontier.OnRefused(handle, mayAnswerLater);
        if (times > 0)
        {
            _passes.OnRefused(times, now);
        }
    }

    private void OnResponse(in KrpcMessage response, in EndedQuery<CrawlQuery> ended, Instant now)
    {
        TimeSpan roundTrip = now - ended.SentAt;
        CrawlQuery query = ended.Query;
        _answers.Late += ended.IsLate ? 1 : 0;
        _answers.Responses++;
        _pace.Window.OnAnswer(roundTrip, query.Proven);
        if (query.IsProbe)
        {
            return;
        }

        if (query.Proven)
        {
            _probes.OnProven(query.Node);
            _harvest.Take(query.Node, response, now);
            return;
        }

        _answers.NodesAlive++;
        _probes.OnAlive(query.Node);
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
}
