using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Fuzz.Targets;

/// <summary>A crawl among nodes that answer with broken and lying replies: it stays well, keeps its books, and allocates nothing.</summary>
public sealed class CrawlerTarget : IFuzzTarget, ICrawlObserver
{
    private const int InputsPerCrawl = 100_000;
    private const int WarmInputs = 2_000;
    private const int OutboxCapacity = 128;
    private const int NodesMax = 50_000;
    private const int InFlightMax = 512;

    private Outbox _outbox = null!;
    private Crawler _crawler = null!;
    private Exchange _exchange = null!;
    private Instant _now;
    private long _reported;
    private int _inputs;
    private uint _starts;

    /// <summary>The target, ready to be fed.</summary>
    public CrawlerTarget() => Renew();

    /// <inheritdoc/>
    public string Name => "crawler";

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Seeds => Exchange.Seeds;

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Dictionary => KrpcSeeds.Words;

    /// <inheritdoc/>
    public IReadOnlyList<string> Namespaces { get; } = ["Dht.Engine.Crawling", "Dht.Engine.Rpc"];

    /// <inheritdoc/>
    public bool IsReady => _inputs % 97 != 0;

    /// <inheritdoc/>
    public void OnNode(in CrawledNode node)
    {
        _reported++;
        FuzzFailureException.Require(node.FirstSeen <= node.LastSeen && node.LastSeen == _now, "a node is heard of before it answers");
        FuzzFailureException.Require(node.RoundTrip >= TimeSpan.Zero, "no answer comes before its question");
        FuzzFailureException.Require(node.Id != _crawler.Id, "nobody bears our id");
    }

    /// <inheritdoc/>
    public void Execute(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2)
        {
            return;
        }

        if (++_inputs % InputsPerCrawl == 0)
        {
            Renew();
        }

        long memory = _crawler.Counters.KnownSetBytes;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Feed(input);
        bool allocated = GC.GetAllocatedBytesForCurrentThread() != before && _crawler.Counters.KnownSetBytes == memory;
        FuzzFailureException.Require(!allocated || _inputs <= WarmInputs, "a warm crawl allocates nothing");
    }

    private void Feed(ReadOnlySpan<byte> input)
    {
        if (_crawler.IsComplete)
        {
            _crawler.AddEndpoint(Endpoint.FromIPv4(0x08000000 + ++_starts, 6881), _now);
        }

        ReadOnlySpan<byte> datagram = _exchange.Prepare(input, out Endpoint source);
        _crawler.Receive(datagram, source, _now);
        _now += Exchange.Step(input);
        _crawler.Tick(_now);
        _exchange.Take(_outbox);
        CrawlCounters counters = _crawler.Counters;
        long settled = counters.Responses + counters.Errors + counters.Timeouts;
        FuzzFailureException.Require(counters.Queries >= settled + counters.InFlight, "every query is settled once");
        FuzzFailureException.Require(!_crawler.IsComplete || counters.Queries == settled, "a complete crawl waits for nobody");
        FuzzFailureException.Require(counters.NodesAlive == _reported && counters.NodesAlive <= counters.NodesSeen, "nodes are reported once");
        FuzzFailureException.Require(counters.NodesSeen <= 2 * NodesMax, "the known set keeps its bound");
        FuzzFailureException.Require(counters.Frontier >= 0 && counters.InFlight <= InFlightMax, "the window holds");
    }

    private void Renew()
    {
        _outbox = new Outbox(OutboxCapacity, OutboxCapacity * Outbox.DatagramSizeMax, AddressPolicy.Public);
        CrawlOptions options = new()
        {
            KnownNodesMax = NodesMax,
            ExpectedNodes = NodesMax,
            InFlightMax = InFlightMax,
            QueriesPerSecond = 20_000,
            NewDestinationsPerSecond = 0,
        };
        _crawler = new Crawler(options, this, _outbox, AddressPolicy.Public, new SeededRandomSource((ulong)_inputs), _now);
        _exchange = new Exchange();
        _reported = 0;
        _crawler.AddEndpoint(Endpoint.FromIPv4(0x08080808, 6881), _now);
    }
}
