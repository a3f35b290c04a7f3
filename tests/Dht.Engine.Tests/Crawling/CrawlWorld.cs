using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Testing;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Crawling;

/// <summary>
/// A crawl of a <see cref="Crawling.Population"/> in a simulated network, and all that it sends. Its links take no
/// time: the round trips are those of the nodes.
/// </summary>
internal sealed class CrawlWorld : ICrawlObserver, ISimulationObserver
{
    private readonly HashSet<Endpoint> _destinations = [];
    private readonly SimulatedNetwork _network;
    private readonly SimulatedCrawl _crawl;

    public CrawlWorld(
        Population population,
        CrawlOptions options,
        ulong seed,
        IAddressPolicy? policy = null,
        IAddressPolicy? outboxPolicy = null)
    {
        Population = population;
        policy ??= AddressPolicy.Public;
        _network = new SimulatedNetwork(new SimulatedNetworkOptions
        {
            Seed = seed,
            AddressPolicy = outboxPolicy ?? policy,
            Link = new SimulatedLink { Latency = SimulatedLatency.Constant(TimeSpan.Zero) },
        });
        _network.Run(TimeSpan.FromSeconds(1000));
        StartedAt = Now;
        population.MoveInto(_network);
        var node = new SimulatedNodeOptions { Families = IpFamily.Both, Bootstrap = [] };
        _crawl = _network.PlaceCrawler(options, this, node, policy);
        _network.Observer = this;
    }

    /// <summary>Options without a limit on rates: the window alone paces.</summary>
    public static CrawlOptions Unpaced { get; } = new()
    {
        QueriesPerSecond = 0,
        NewDestinationsPerSecond = 0,
        QueriesPerSecondPerAddress = 0,
        ExpectedNodes = 4096,
    };

    public Population Population { get; }

    public Crawler Crawler => _crawl.Crawler;

    public Instant StartedAt { get; }

    public Instant Now => _network.Now;

    public TimeSpan Elapsed => Now - StartedAt;

    /// <summary>Of the crawler: nothing else is ticked.</summary>
    public long Ticks => _network.Statistics.Ticks;

    public List<SentQuery> Sent { get; } = [];

    public List<FoundNode> Found { get; } = [];

    public bool IsReady { get; set; } = true;

    /// <summary>
    /// Changes whenever any byte, destination or instant of what is sent changes, or what is reported.
    /// </summary>
    public ulong Digest { get; private set; }

    /// <summary>The crawler's own node.</summary>
    public SimulatedNode Node => _crawl.Node;

    public CrawlCounters Counters => _crawl.Counters;

    /// <summary>
    /// Starts at node 0 and runs to the end, which must come within <paramref name="limit"/> of virtual time.
    /// </summary>
    public CrawlWorld Run(TimeSpan? limit = null)
    {
        Crawler.AddEndpoint(Population.Start, Now);
        RunFor(limit ?? TimeSpan.FromHours(2));
        Instant next = Crawler.NextDeadline;
        Assert.True(Crawler.IsOver, $"The crawl does not end: {Counters}, next deadline in {next - Now}.");
        Crawler.CheckInvariants();
        return this;
    }

    /// <summary>Runs until the crawl is complete or the time is over.</summary>
    public void RunFor(TimeSpan limit)
    {
        bool isOver = _crawl.Run(limit);
        Assert.True(
            isOver || Crawler.NextDeadline != Instant.Never || _network.InFlight > 0, $"The crawl stalls: {Counters}.");
    }

    /// <summary>Lets time pass, whether or not the crawl is over.</summary>
    public void Pass(TimeSpan span) => _network.Run(span);

    void ICrawlObserver.OnNode(in CrawledNode node)
    {
        Mix((ulong)node.RoundTrip.Ticks ^ node.Id.Prefix64);
        string version = Encoding.Latin1.GetString(node.Version);
        Found.Add(new FoundNode(
            node.Id, node.Endpoint, node.RoundTrip, version, node.FirstSeen, node.LastSeen, Now));
    }

    void ISimulationObserver.OnSent(in Endpoint source, in Endpoint destination, ReadOnlySpan<byte> datagram)
    {
        if (source != _crawl.Node.EndpointOf(source.Family))
        {
            return;
        }

        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(datagram, out KrpcMessage query));
        Assert.Equal(KrpcMethod.FindNode, query.Method);
        Sent.Add(new SentQuery(Now, destination, _destinations.Add(destination)));
        Mix((ulong)Now.Ticks ^ (destination.LowerBits << 16) ^ destination.Port);
        foreach (byte value in datagram)
        {
            Mix(value);
        }
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

    private void Mix(ulong value) => Digest = SeededRandomSource.Mix(Digest ^ value) + 1;
}
