using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <summary>
/// Walks the DHT as a state machine: asks every node it hears of, as long as the answers name nodes not met before. It owns no
/// socket, no thread, no clock.
/// </summary>
/// <remarks>
/// <para>
/// A node is first asked for what is nearest to its own id: an honest answer is complete there, because the buckets next to a node
/// hold everything there is. Then it is asked farther out, at least once and as long as answers bring news: that leads to other
/// regions. Nodes are numbered as they are met, so the frontier is a cursor over the known set.
/// </para>
/// <para>
/// When the cursor is at the end and all queries are settled, those that stayed silent are asked once more. The sweep is complete
/// when that, too, has settled.
/// </para>
/// <para>One thread. Allocates only when made and when the known set outgrows <see cref="CrawlOptions.ExpectedNodes"/>.</para>
/// </remarks>
public sealed partial class Crawler
{
    private const int RingCapacity = 65_536;

    // A query that is late holds no place in the window, but its slot until its long timeout, which is up to 40 times as long.
    private const int SlotsPerPlace = 64;

    private readonly CrawlOptions _options;
    private readonly ICrawlObserver _observer;
    private readonly Outbox _outbox;
    private readonly IAddressPolicy _policy;
    private readonly IRandomSource _random;
    private readonly SeededRandomSource _targets;
    private readonly byte[] _version;
    private readonly IpFamily _families;
    private readonly IpFamily _want;
    private readonly KnownSet _knownIPv4;
    private readonly KnownSet _knownIPv6;
    private readonly AddressCrowd _crowd;
    private readonly TransactionTable<CrawlQuery> _transactions;
    private readonly AddressThrottle _throttle;
    private readonly IntRing _ring = new(RingCapacity);
    private readonly CrawlWindow _window;
    private readonly Instant _startedAt;
    private TokenBucket _packets;
    private TokenBucket _newDestinations;
    private CrawlCounters _counters;

    /// <summary>Makes a crawler that knows nobody yet.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="observer">Told what it finds.</param>
    /// <param name="outbox">Where it stages what it sends.</param>
    /// <param name="policy">Which contacts to believe; the outbox asks its own once more.</param>
    /// <param name="random">For ids and keys; cryptographic on a real network.</param>
    /// <param name="now">The present instant.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Crawler(
        CrawlOptions options, ICrawlObserver observer, Outbox outbox, IAddressPolicy policy, IRandomSource random, Instant now)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(observer);
        ArgumentNullException.ThrowIfNull(outbox);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        _options = options;
        _observer = observer;
        _outbox = outbox;
        _policy = policy;
        _random = random;
        _targets = new SeededRandomSource(random.NextUInt64());
        _version = options.Version.ToArray();
        _families = options.Families == IpFamily.None ? IpFamily.Both : options.Families;

        // A query without want is answered with contacts of the family that it came over.
        _want = options.Families == IpFamily.Both ? IpFamily.Both : IpFamily.None;
        _startedAt = now;
        Id = options.Id ?? NodeId.Random(random);
        var hasher = new EndpointHasher(random.NextUInt64(), random.NextUInt64());
        _knownIPv4 = new KnownSet(IpFamily.IPv4, options.ExpectedNodes, options.KnownNodesMax, hasher);
        _knownIPv6 = new KnownSet(IpFamily.IPv6, 0, options.KnownNodesMax, hasher);
        _crowd = new AddressCrowd(options.ExpectedNodes, options.NodesPerAddressMax, hasher);
        _transactions = new TransactionTable<CrawlQuery>(
            Math.Min(options.InFlightMax * SlotsPerPlace, TransactionTable<CrawlQuery>.CapacityMax), random);
        _throttle = new AddressThrottle(options.QueriesPerSecondPerAddress, 1, 65_536, hasher);
        _packets = new TokenBucket(options.QueriesPerSecond, Math.Max(1, options.QueriesPerSecond / 50));
        _newDestinations = new TokenBucket(options.NewDestinationsPerSecond, Math.Max(1, options.NewDestinationsPerSecond / 50));
        _window = new CrawlWindow(options.InFlightMax);
        NextDeadline = now;
    }

    /// <summary>The id in our queries.</summary>
    public NodeId Id { get; }

    /// <summary>Whether everybody has been asked and every query is settled.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>When <see cref="Tick"/> has something to do next. Whatever comes in between may bring it forward.</summary>
    public Instant NextDeadline { get; private set; }

    /// <summary>What it has done so far.</summary>
    public CrawlCounters Counters
    {
        get
        {
            CrawlCounters counters = _counters;
            counters.NodesSeen = _knownIPv4.Count + (long)_knownIPv6.Count;
            counters.InFlight = _transactions.OpenCount;
            counters.Window = _window.Size;
            counters.Frontier = counters.NodesSeen - _cursorIPv4 - _cursorIPv6 + _ring.Count + _owed + _silent;
            counters.KnownSetBytes = _knownIPv4.MemoryBytes + _knownIPv6.MemoryBytes + _crowd.MemoryBytes + (4L * _ring.Capacity);
            return counters;
        }
    }

    /// <summary>Names a node to begin at.</summary>
    /// <returns>False when the address policy refuses it, its family is not crawled, or it is known already.</returns>
    public bool AddEndpoint(in Endpoint endpoint, Instant now)
    {
        if (_policy.Check(endpoint) != AddressVerdict.Allowed)
        {
            _counters.BogonsRefused++;
            return false;
        }

        bool learned = Learn(endpoint, SetFor(endpoint).HashOf(endpoint), _targets.NextUInt64(), now);
        NextDeadline = learned ? Instant.Min(NextDeadline, now) : NextDeadline;
        return learned;
    }

    /// <summary>Parses a datagram and acts on it if it settles a query of ours.</summary>
    /// <param name="datagram">Borrowed for the duration of the call.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="now">The present instant.</param>
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

    private bool IsCrawled(in Endpoint endpoint) =>
        (_families & (endpoint.IsIPv6 ? IpFamily.IPv6 : IpFamily.IPv4)) != 0;

    private KnownSet SetFor(in Endpoint endpoint) => endpoint.IsIPv6 ? _knownIPv6 : _knownIPv4;

    private KnownSet SetOf(int handle) => (handle & 1) == 0 ? _knownIPv4 : _knownIPv6;

    private static int IndexOf(int handle) => handle >> 1;

    private static int HandleOf(int index, bool isIPv6) => (index << 1) | (isIPv6 ? 1 : 0);
}
