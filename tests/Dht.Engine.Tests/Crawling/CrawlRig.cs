using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Crawling;

/// <summary>
/// A crawler over a <see cref="VirtualNetwork"/>, driven to the letter of its contract: it is ticked when its
/// deadline has come and at no other time, and what it stages is sent after each turn.
/// </summary>
internal sealed class CrawlRig : ICrawlObserver
{
    private const int TurnsAtOneInstantMax = 1000;

    // A check walks all nodes. After every step of the smallest crawls, more rarely as they grow.
    private const int NodesPerStep = 128;

    private readonly HashSet<Endpoint> _destinations = [];
    private readonly Outbox _outbox;
    private long _stepsToCheck;

    public CrawlRig(
        VirtualNetwork network,
        CrawlOptions options,
        ulong seed,
        IAddressPolicy? policy = null,
        IAddressPolicy? outboxPolicy = null)
    {
        Network = network;
        policy ??= AddressPolicy.Public;
        _outbox = new Outbox(64, 64 * Outbox.DatagramSizeMax, outboxPolicy ?? policy);
        Now = Instant.Zero + TimeSpan.FromSeconds(1000);
        StartedAt = Now;
        Crawler = new Crawler(options, this, _outbox, policy, new SeededRandomSource(seed), Now);
    }

    /// <summary>Options without a limit on rates: the window alone paces.</summary>
    public static CrawlOptions Unpaced { get; } = new()
    {
        QueriesPerSecond = 0,
        NewDestinationsPerSecond = 0,
        QueriesPerSecondPerAddress = 0,
        ExpectedNodes = 4096,
    };

    public VirtualNetwork Network { get; }

    public Crawler Crawler { get; }

    public Instant StartedAt { get; }

    public Instant Now { get; private set; }

    public TimeSpan Elapsed => Now - StartedAt;

    public long Ticks { get; private set; }

    public List<SentQuery> Sent { get; } = [];

    public List<FoundNode> Found { get; } = [];

    public bool IsReady { get; set; } = true;

    /// <summary>
    /// Changes whenever any byte, destination or instant of what is sent changes, or what is reported.
    /// </summary>
    public ulong Digest { get; private set; }

    public CrawlCounters Counters => Crawler.Counters;

    /// <summary>
    /// Starts at node 0 and runs to the end, which must come within <paramref name="limit"/> of virtual time.
    /// </summary>
    public CrawlRig Run(TimeSpan? limit = null)
    {
        Crawler.AddEndpoint(Network.Start, Now);
        RunFor(limit ?? TimeSpan.FromHours(2));
        Instant next = Crawler.NextDeadline;
        Assert.True(Crawler.IsComplete, $"The crawl does not end: {Counters}, next deadline in {next - Now}.");
        Crawler.CheckInvariants();
        return this;
    }

    /// <summary>Runs until the crawl is complete or the time is over.</summary>
    public void RunFor(TimeSpan limit)
    {
        Instant end = Now + limit;
        int turns = 0;
        while (!Crawler.IsComplete)
        {
            Turn();
            Instant next = Instant.Min(Crawler.NextDeadline, Network.NextArrival);
            if (Crawler.IsComplete)
            {
                return;
            }

            Assert.True(next != Instant.Never, $"The crawl stalls: {Counters}.");
            turns = next <= Now ? turns + 1 : 0;
            Assert.True(turns < TurnsAtOneInstantMax, $"The crawl spins: {Counters}.");
            if (next > end)
            {
                Now = end;
                return;
            }

            Now = next > Now ? next : Now;
        }
    }

    void ICrawlObserver.OnNode(in CrawledNode node)
    {
        Mix((ulong)node.RoundTrip.Ticks ^ node.Id.Prefix64);
        string version = Encoding.Latin1.GetString(node.Version);
        Found.Add(new FoundNode(
            node.Id, node.Endpoint, node.RoundTrip, version, node.FirstSeen, node.LastSeen, Now));
    }

    /// <summary>
    /// The most queries that meet the condition and lie within a span of time of that length, wherever it begins.
    /// </summary>
    public int MostWithin(TimeSpan span, Func<SentQuery, bool> condition)
    {
        SentQuery[] sent = [.. Sent.Where(condition)];
        int most = 0;
        for (int first = 0, last = 0; last < sent.Length; last++)
        {
            while (sent[last].At - sent[first].At >= span)
            {
                first++;
            }

            most = Math.Max(most, last - first + 1);
        }

        return most;
    }

    private void Turn()
    {
        while (Network.TryReceive(Now, out Endpoint source, out byte[] datagram))
        {
            Crawler.Receive(datagram, source, Now);
            Check();
        }

        if (Now >= Crawler.NextDeadline)
        {
            Crawler.Tick(Now);
            Ticks++;
            Check();
        }

        for (int i = 0; i < _outbox.Count; i++)
        {
            Endpoint destination = _outbox.Destination(i);
            Sent.Add(new SentQuery(Now, destination, _destinations.Add(destination)));
            Mix((ulong)Now.Ticks ^ (destination.LowerBits << 16) ^ destination.Port);
            foreach (byte value in _outbox.Datagram(i))
            {
                Mix(value);
            }

            Network.Send(_outbox.Datagram(i), destination, Now);
        }

        _outbox.Clear();
    }

    private void Check()
    {
        if (--_stepsToCheck <= 0)
        {
            Crawler.CheckInvariants();
            _stepsToCheck = Counters.NodesSeen / NodesPerStep;
        }
    }

    private void Mix(ulong value) => Digest = SeededRandomSource.Mix(Digest ^ value) + 1;
}
