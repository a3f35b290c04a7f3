using System.Buffers.Binary;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <summary>The queries of a crawl: which point a node is asked for, and how each query ends.</summary>
internal sealed partial class CrawlQueries
{
    // A query that is late holds no place in the window, but its slot until its long timeout, which is up to 40 times
    // as long.
    private const int SlotsPerPlace = 64;
    private const int AddressesRemembered = 65_536;
    private const int SlotsForProbes = 32;

    private static readonly TimeSpan Unlimited = TimeSpan.MaxValue;

    private readonly QueryDesk<CrawlQuery> _desk;
    private readonly CrawlFrontier _frontier;
    private readonly CrawlPace _pace;
    private readonly CrawlProbes _probes;
    private readonly LineWatch _line;
    private readonly SendGates _gates;
    private readonly ISendOwner _owner;
    private readonly SeededRandomSource _targets;
    private readonly NodeId _self;
    private readonly byte[] _version;
    private readonly IpFamily _want;
    private readonly bool _isReadOnly;

    /// <param name="options">Settings of the crawl.</param>
    /// <param name="outbox">Where queries are staged.</param>
    /// <param name="frontier">Which nodes there are.</param>
    /// <param name="pace">Notified of what is sent and what is late.</param>
    /// <param name="probes">Notified of probes that are not answered.</param>
    /// <param name="line">Says what silence means.</param>
    /// <param name="gates">Say whether anything is let out.</param>
    /// <param name="owner">Notified of what is not sent.</param>
    /// <param name="self">Our id.</param>
    /// <param name="hasher">With a random key.</param>
    /// <param name="targets">For the points that are asked for.</param>
    /// <param name="random">For transaction ids.</param>
    public CrawlQueries(
        CrawlOptions options,
        Outbox outbox,
        CrawlFrontier frontier,
        CrawlPace pace,
        CrawlProbes probes,
        LineWatch line,
        SendGates gates,
        ISendOwner owner,
        in NodeId self,
        EndpointHasher hasher,
        SeededRandomSource targets,
        IRandomSource random)
    {
        var throttle = new AddressThrottle(options.QueriesPerSecondPerAddress, 1, AddressesRemembered, hasher);
        int slots = Math.Min(options.InFlightMax * SlotsPerPlace, TransactionTable<CrawlQuery>.CapacityMax);
        _desk = new QueryDesk<CrawlQuery>(outbox, throttle, slots, random);
        _frontier = frontier;
        _pace = pace;
        _probes = probes;
        _line = line;
        _gates = gates;
        _owner = owner;
        _targets = targets;
        _self = self;
        _version = options.Version.ToArray();

        // A query without want is answered with contacts of the family that it came over.
        _want = options.Families == IpFamily.Both ? IpFamily.Both : IpFamily.None;
        _isReadOnly = options.ReadOnly;
    }

    /// <summary>Queries staged, probes included.</summary>
    public long Sent { get; private set; }

    /// <summary>Of these, those that only ask whether the line works.</summary>
    public long Probes { get; private set; }

    /// <summary>Queries that the system did not send.</summary>
    public long NotSent { get; private set; }

    /// <summary>Queries that could not be answered, because the line was down.</summary>
    public long TakenBack { get; private set; }

    /// <summary>Queries that no node answered.</summary>
    public long Expired { get; private set; }

    /// <summary>Nodes given up because the outbox lets nothing go there.</summary>
    public long Forbidden { get; private set; }

    /// <summary>Queries other than probes that have left this machine.</summary>
    public long GotOut { get; private set; }

    /// <summary>Of those not sent or taken back, the queries other than probes.</summary>
    public long AskedInVain { get; private set; }

    /// <summary>Probes that await an answer.</summary>
    public int OpenProbes { get; private set; }

    /// <summary>Queries that hold a place in the window.</summary>
    public int InFlight => _desk.OpenCount;

    /// <summary>Whether no node that was asked may still answer; probes aside.</summary>
    public bool IsIdle => _desk.Count == OpenProbes;

    /// <summary>Whether every slot for a query is taken, but for those kept free for probes.</summary>
    public bool IsFull => _desk.Count + SlotsForProbes >= _desk.Capacity;

    /// <summary>
    /// Whether a query is past its long timeout, and only the next answer will show what its silence means.
    /// </summary>
    public bool IsHeld(Instant now) => _desk.NextDeadline(Unlimited, _pace.Window.LongTimeout) <= now;

    /// <summary>When the next query is late or expires; those that are held wait for the next answer.</summary>
    public Instant NextDeadline(Instant now) => _desk.NextDeadline(
        _pace.Window.ShortTimeout, IsHeld(now) ? Unlimited : _pace.Window.LongTimeout);

    /// <summary>Asks a node that was taken from the frontier; while there is a slot and room in the outbox.</summary>
    public AskOutcome Ask(int handle, Instant now)
    {
        KnownNode node = _frontier[handle];
        bool isNew = node.Asks == 0;
        if (!_gates.MayAsk(FamilyFrontier.BitOf(handle), now))
        {
            _frontier.PutOff(handle);
            return AskOutcome.Throttled;
        }

        // A node that waited for its address in the ring is still a new destination.
        if (isNew && !_pace.MayContactNew(now))
        {
            _frontier.Queue(handle);
            return AskOutcome.Throttled;
        }

        OpenResult result = Open(handle, node, now, out OpenedQuery opened);
        if (result == OpenResult.Forbidden)
        {
            // The outbox's policy is stricter than ours.
            Forbidden++;
            _frontier.Finish(handle);
            return AskOutcome.Asked;
        }

        if (result != OpenResult.Opened)
        {
            Invariant.Holds(result == OpenResult.Throttled, "there is a slot and room in the outbox");
            _frontier.Queue(handle);
            return AskOutcome.Throttled;
        }

        Send(opened, handle, node, isNew, now);
        _frontier.OnAsked(handle);
        GotOut++;
        return AskOutcome.Asked;
    }

    /// <summary>
    /// Asks a node that has answered before once more, whatever its step, to learn whether the line works; while there
    /// is a slot and room in the outbox.
    /// </summary>
    /// <returns>Whether it was asked.</returns>
    public bool Probe(int handle, Instant now)
    {
        KnownNode node = _frontier[handle];
        var query = new CrawlQuery(handle, Proven: true, IsProbe: true);
        if (_desk.TryOpen(node.Endpoint, now, query, out OpenedQuery opened) != OpenResult.Opened)
        {
            return false;
        }

        Send(opened, handle, node, isNew: false, now);
        Probes++;
        OpenProbes++;
        return true;
    }

    /// <summary>Takes back a query that the system did not send.</summary>
    public void Withdraw(long ticket)
    {
        if (!_desk.TryWithdraw(ticket, out EndedQuery<CrawlQuery> ended))
        {
            return;
        }

        NotSent++;
        int handle = ended.Query.Node;
        _gates.OnNotSent(FamilyFrontier.BitOf(handle));
        if (ended.Query.IsProbe)
        {
            OpenProbes--;
            _pace.OnNotSent(isNew: false);
            return;
        }

        GotOut--;
        AskedInVain++;
        _frontier.TakeUnsent(handle);
        _pace.OnNotSent(isNew: _frontier[handle].Asks == 0);
    }

    /// <summary>Ends the probes that are open; their answers are of no use any more.</summary>
    public void CloseProbes()
    {
        while (_desk.TryTakeExpired(Instant.Never, out EndedQuery<CrawlQuery> ended))
        {
            Invariant.Holds(ended.Query.IsProbe, "nothing but probes is open at the end");
            OpenProbes--;
            TakenBack++;
        }
    }

    private void Send(in OpenedQuery opened, int handle, KnownNode node, bool isNew, Instant now)
    {
        Span<byte> idBytes = stackalloc byte[TransactionId.Size];
        TransactionId.Write(idBytes, opened.Id);
        var envelope = new KrpcEnvelope
        {
            Id = _self,
            TransactionId = idBytes,
            Version = _version,
            ReadOnly = _isReadOnly,
        };
        _desk.Send(KrpcQueries.WriteFindNode(opened.Place, envelope, TargetFor(node), _want), opened, _owner);
        _pace.OnSent(isNew, now);
        _gates.OnSent(FamilyFrontier.BitOf(handle));
        _line.OnSent(now);
        Sent++;
    }

    // A random source or a policy that throws must not cost the node its turn: the crawl would never be complete.
    private OpenResult Open(int handle, scoped in KnownNode node, Instant now, out OpenedQuery opened)
    {
        var query = new CrawlQuery(handle, node.State.HasAnswered);
        bool isDecided = false;
        try
        {
            OpenResult result = _desk.TryOpen(node.Endpoint, now, query, out opened);
            isDecided = true;
            return result;
        }
        finally
        {
            if (!isDecided)
            {
                _frontier.Queue(handle);
            }
        }
    }

    /// <summary>Takes the query that a response or an error ends.</summary>
    public SettleResult Settle(
        in KrpcMessage message, in Endpoint source, Instant now, out EndedQuery<CrawlQuery> ended)
    {
        SettleResult result = _desk.Settle(message, source, _self, out ended);
        if (result is SettleResult.Response or SettleResult.Error)
        {
            OpenProbes -= ended.Query.IsProbe ? 1 : 0;
            _line.OnAnswer(now);
            _gates.OnAnswer(FamilyFrontier.BitOf(ended.Query.Node));
        }

        return result;
    }

    /// <summary>Looks what became of what was sent: whether it left this machine, whether anything came.</summary>
    /// <param name="due">When this was to be called.</param>
    /// <param name="now">The current instant.</param>
    public void Update(Instant due, Instant now)
    {
        TimeSpan longTimeout = _pace.Window.LongTimeout;
        _gates.EndTurn(now);
        _pace.Update(now);
        _line.CheckStall(due, now, longTimeout);
        _line.Update(now, _pace.Window.ShortTimeout, longTimeout);
        Expire(now);
    }

    private void Expire(Instant now)
    {
        TimeSpan shortTimeout = _pace.Window.ShortTimeout;
        while (_desk.TryTakeLate(now - shortTimeout, out CrawlQuery query, out _))
        {
            _pace.Window.OnShortTimeout(query.Proven);
        }

        Instant sentBefore = Instant.Min(
            now - _pace.Window.LongTimeout, _line.DecidedUntil(now, shortTimeout, _probes.CanProbe));
        while (_desk.TryTakeExpired(sentBefore, out EndedQuery<CrawlQuery> ended))
        {
            End(ended.Query, _line.IsSilence(ended.SentAt, shortTimeout));
        }
    }

    private void End(CrawlQuery query, bool isSilence)
    {
        Expired += isSilence ? 1 : 0;
        TakenBack += isSilence ? 0 : 1;
        if (query.IsProbe)
        {
            OpenProbes--;
            if (isSilence)
            {
                _probes.OnSilent(query.Node);
            }
        }
        else if (isSilence)
        {
            _frontier.OnUnanswered(query.Node);
        }
        else
        {
            AskedInVain++;
            _frontier.TakeBack(query.Node);
        }
    }

    /// <summary>
    /// The first time a point at the node's own id. Later a point in one of the buckets that the first answer did not
    /// cover, each bucket as likely as the others: the same bits up to there, the next one flipped, the rest random.
    /// Asked so by many, subtrees of every size are bridged; uniformly random points would nearly all lie in the two
    /// farthest buckets.
    /// </summary>
    private NodeId TargetFor(KnownNode node)
    {
        Span<byte> target = stackalloc byte[NodeId.Size];
        _targets.Fill(target);
        ulong prefix = node.IdPrefix;
        if (node.State.HasAnswered)
        {
            int flip = _targets.Next(node.Reach + 1);
            ulong random = BinaryPrimitives.ReadUInt64BigEndian(target);
            ulong below = ulong.MaxValue >> flip >> 1;
            prefix = ((prefix ^ (1ul << (63 - flip))) & ~below) | (random & below);
        }

        BinaryPrimitives.WriteUInt64BigEndian(target, prefix);
        return new NodeId(target);
    }
}
