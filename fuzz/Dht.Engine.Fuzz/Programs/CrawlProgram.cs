using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Fuzz.Targets;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>Runs programs on crawls: each on a crawl of its own, to its end, so that it always does the same.</summary>
internal sealed class CrawlProgram : CommandProgram, ICrawlObserver
{
    private const int Codes = 8;
    private const int OutboxSize = 160;
    private const int AnsweredAtOnce = 64;
    private const int NodesMax = 512;
    private const int InFlightMax = 64;
    private const int ProbesInFlightMax = 32;
    private const int TicksToEndMax = 20_000;

    private readonly SentQueries _sent = new();
    private readonly DatagramEdits _edits = new();
    private readonly Replies _replies = new();
    private readonly Outboxes _outboxes = new();
    private Outbox _outbox = null!;
    private Crawler _crawler = null!;
    private readonly Dictionary<Endpoint, Instant> _refusing = [];
    private Instant _now;
    private long _reported;
    private int _asksMax;
    private bool _isBusy;

    /// <inheritdoc/>
    public bool IsReady => !_isBusy;

    /// <inheritdoc/>
    public void OnNode(in CrawledNode node)
    {
        _reported++;
        FuzzFailureException.Require(
            node.FirstSeen <= node.LastSeen && node.LastSeen == _now, "a node is heard of before it answers");
        FuzzFailureException.Require(node.RoundTrip >= TimeSpan.Zero, "no answer comes before its question");
        FuzzFailureException.Require(node.Id != _crawler.Id, "no node has our id");
    }

    /// <inheritdoc/>
    protected override void Begin(Command setting)
    {
        _now = Instant.Zero + TimeSpan.FromHours(1);
        _outbox = _outboxes.Take(OutboxSize);
        CrawlOptions options = new()
        {
            Families = (IpFamily)(setting.Code & 3),
            KnownNodesMax = (setting.Code & 4) != 0 ? 4 : NodesMax,
            ExpectedNodes = 0,
            InFlightMax = 1 + (setting.A % InFlightMax),
            QueriesPerSecond = (setting.Code & 8) != 0 ? 20 : 0,
            NewDestinationsPerSecond = (setting.Code & 16) != 0 ? 10 : 0,
            QueriesPerSecondPerAddress = (setting.Code & 32) != 0 ? 4 : 0,
            NodesPerAddressMax = setting.B & 3,
            AsksPerNodeMax = 1 + ((setting.B >> 2) & 3),
            AsksPerNodeMin = 1,
            SilentRetries = (setting.B >> 4) & 3,
            ReadOnly = (setting.B & 0x40) != 0,
        };
        _asksMax = options.AsksPerNodeMax + options.SilentRetries + CrawlFrontier.RefusalsMax;
        _crawler = new Crawler(options, this, _outbox, AddressPolicy.Public, new SeededRandomSource(1), _now);
        _sent.Reset();
        _edits.Reset();
        _refusing.Clear();
        _reported = 0;
        _isBusy = false;
        _crawler.AddEndpoint(Strangers.EndpointOf(0), _now);
        _crawler.AddEndpoint(Strangers.EndpointOf(0x80), _now);
    }

    /// <inheritdoc/>
    protected override void Do(Command command)
    {
        switch (command.Code % Codes)
        {
            case 0:
                _now += TimeSpan.FromMilliseconds(command.Number & 0xFFF);
                Tick();
                break;
            case 1:
                PassToDeadline();
                Tick();
                break;
            case 2:
                Reply(command.A, 1, command.B, command.C);
                break;
            case 3:
                Reply(command.A & 15, AnsweredAtOnce, command.B, command.C);
                break;
            case 4:
                Deliver(KrpcSeeds.Messages[command.B % KrpcSeeds.Messages.Count], Strangers.EndpointOf(command.A));
                break;
            case 5:
                _edits.Add(command);
                break;
            case 6:
                _crawler.AddEndpoint(Strangers.EndpointOf(command.A), _now);
                break;
            default:
                _isBusy = (command.A & 1) != 0;
                break;
        }

        Check();
    }

    /// <inheritdoc/>
    protected override void Finish()
    {
        _isBusy = false;
        for (int i = 0; i < TicksToEndMax && !_crawler.IsOver; i++)
        {
            PassToDeadline();
            Tick();
        }

        Check();
        FuzzFailureException.Require(_crawler.IsOver, "a crawl without answers comes to its end");
    }

    /// <inheritdoc/>
    protected override void CheckInvariants() => _crawler.CheckInvariants();

    private void PassToDeadline()
    {
        Instant due = _crawler.NextDeadline;
        _now = due > _now && due != Instant.Never ? due : _now;
    }

    private void Tick()
    {
        long memory = _crawler.Counters.KnownSetBytes;
        long before = GC.GetAllocatedBytesForCurrentThread();
        _crawler.Tick(_now);
        Watch(memory, before);
        long queries = _sent.Queries;
        _sent.Take(_outbox);
        for (int back = 0; back < _sent.Queries - queries; back++)
        {
            bool isTooSoon = _refusing.TryGetValue(_sent[back].Destination, out Instant refused)
                && _now - refused < TimeSpan.FromSeconds(1) && !_crawler.IsOffline;
            FuzzFailureException.Require(!isTooSoon, "a node that refused is not asked again at once");
        }
    }

    private void Deliver(ReadOnlySpan<byte> datagram, in Endpoint source)
    {
        datagram = _edits.Apply(datagram);
        long memory = _crawler.Counters.KnownSetBytes;
        long before = GC.GetAllocatedBytesForCurrentThread();
        long errors = _crawler.Counters.Errors;
        _crawler.Receive(datagram, source, _now);
        Watch(memory, before);
        if (_crawler.Counters.Errors > errors)
        {
            _refusing[source] = _now;
        }

        FuzzFailureException.Require(_outbox.Count == 0, "a crawl sends when it is ticked");
    }

    /// <summary>The known set grows; nothing else does.</summary>
    private void Watch(long memory, long before)
    {
        if (_crawler.Counters.KnownSetBytes == memory)
        {
            AllocationWatch.Add(GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private void Reply(int back, int count, byte shape, byte first)
    {
        count = Math.Min(count, _sent.Count);
        for (int i = 0; i < count; i++)
        {
            SentQuery query = _sent[back + i];
            byte number = Strangers.NumberOf(query.Destination);
            Deliver(
                _replies.Write(query, number, shape, (byte)(first + (5 * i)), _crawler.Id, out Endpoint source),
                source);
        }
    }

    private void Check()
    {
        _crawler.CheckInvariants();
        CrawlCounters counters = _crawler.Counters;
        long settled = counters.Responses + counters.Errors + counters.Timeouts + counters.TakenBack;
        long probes = counters.Probes + counters.TakenBack;
        FuzzFailureException.Require(counters.Queries >= settled + counters.InFlight, "every query is settled once");
        FuzzFailureException.Require(counters.Queries == _sent.Queries, "every query is sent");
        FuzzFailureException.Require(
            counters.Queries - probes <= counters.NodesSeen * _asksMax, "no node is asked too often");
        FuzzFailureException.Require(
            !_crawler.IsComplete || counters.Queries == settled, "a complete crawl waits for no answer");
        FuzzFailureException.Require(
            counters.NodesAlive == _reported && counters.NodesAlive <= counters.NodesSeen, "nodes are reported once");
        FuzzFailureException.Require(counters.NodesSeen <= 2 * NodesMax, "the known set keeps its bound");
        FuzzFailureException.Require(
            counters.Frontier >= 0 && counters.InFlight <= InFlightMax + ProbesInFlightMax, "the window holds");
    }
}
