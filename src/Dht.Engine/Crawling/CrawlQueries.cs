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

    private readonly QueryDesk<CrawlQuery> _desk;
    private readonly CrawlFrontier _frontier;
    private readonly CrawlPace _pace;
    private readonly SeededRandomSource _targets;
    private readonly NodeId _self;
    private readonly byte[] _version;
    private readonly IpFamily _want;
    private readonly bool _isReadOnly;

    /// <param name="options">Settings of the crawl.</param>
    /// <param name="outbox">Where queries are staged.</param>
    /// <param name="frontier">Which nodes there are.</param>
    /// <param name="pace">Notified of what is sent and what is late.</param>
    /// <param name="self">Our id.</param>
    /// <param name="hasher">With a random key.</param>
    /// <param name="targets">For the points that are asked for.</param>
    /// <param name="random">For transaction ids.</param>
    public CrawlQueries(
        CrawlOptions options,
        Outbox outbox,
        CrawlFrontier frontier,
        CrawlPace pace,
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
        _targets = targets;
        _self = self;
        _version = options.Version.ToArray();

        // A query without want is answered with contacts of the family that it came over.
        _want = options.Families == IpFamily.Both ? IpFamily.Both : IpFamily.None;
        _isReadOnly = options.ReadOnly;
    }

    /// <summary>Queries sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Queries that no node answered.</summary>
    public long Expired { get; private set; }

    /// <summary>Nodes given up because the outbox lets nothing go there.</summary>
    public long Forbidden { get; private set; }

    /// <summary>Queries that hold a place in the window.</summary>
    public int InFlight => _desk.OpenCount;

    /// <summary>Whether no query awaits an answer, late ones included.</summary>
    public bool IsIdle => _desk.Count == 0;

    /// <summary>Whether every slot for a query is taken.</summary>
    public bool IsFull => _desk.Count == _desk.Capacity;

    /// <summary>When the next query is late or expires.</summary>
    public Instant NextDeadline => _desk.NextDeadline(_pace.Window.ShortTimeout, _pace.Window.LongTimeout);

    /// <summary>Asks a node that was taken from the frontier; while there is a slot and room in the outbox.</summary>
    public AskOutcome Ask(int handle, Instant now)
    {
        KnownNode node = _frontier[handle];
        bool isNew = node.Asks == 0;

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

        Span<byte> idBytes = stackalloc byte[TransactionId.Size];
        TransactionId.Write(idBytes, opened.Id);
        var envelope = new KrpcEnvelope
        {
            Id = _self,
            TransactionId = idBytes,
            Version = _version,
            ReadOnly = _isReadOnly,
        };
        _desk.Send(KrpcQueries.WriteFindNode(opened.Place, envelope, TargetFor(node), _want), opened, owner: null);
        _frontier.OnAsked(handle);
        _pace.OnSent(isNew, now);
        Sent++;
        return AskOutcome.Asked;
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
    public SettleResult Settle(in KrpcMessage message, in Endpoint source, out EndedQuery<CrawlQuery> ended) =>
        _desk.Settle(message, source, _self, out ended);

    /// <summary>Ends what has waited too long for its answer.</summary>
    public void Expire(Instant now)
    {
        while (_desk.TryTakeLate(now - _pace.Window.ShortTimeout, out CrawlQuery query, out _))
        {
            _pace.Window.OnShortTimeout(query.Proven);
        }

        while (_desk.TryTakeExpired(now - _pace.Window.LongTimeout, out EndedQuery<CrawlQuery> ended))
        {
            Expired++;
            _frontier.OnUnanswered(ended.Query.Node);
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
