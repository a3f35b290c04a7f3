using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Testing;

/// <summary>
/// A crawl of a <see cref="SimulatedNetwork"/>, and what it found; created by
/// <see cref="SimulatedNetwork.AddCrawler"/>. It goes on while the network runs and its node lives.
/// </summary>
public sealed partial class SimulatedCrawl
{
    private readonly CrawlOptions _options;
    private readonly ICrawlObserver _observer;
    private readonly IAddressPolicy _policy;
    private readonly List<CompactNode> _found = [];
    private readonly Func<bool> _isOver;
    private Crawler _crawler;

    internal SimulatedCrawl(
        SimulatedNode node, CrawlOptions options, ICrawlObserver? observer, IAddressPolicy policy)
    {
        Node = node;
        _options = options.Families == IpFamily.None ? options with { Families = node.Outbox!.Reachable } : options;
        _observer = new Recorder(_found, observer);
        _policy = policy;
        _isOver = () => _crawler!.IsOver;
        _crawler = Create();
    }

    /// <summary>The node that it asks from: its endpoint, whether it lives, whether it is stalled.</summary>
    public SimulatedNode Node { get; }

    /// <summary>
    /// The crawler of the engine: the current one, since <see cref="SimulatedNetwork.Restart"/> creates another. Ask
    /// for it each time rather than keep it: so the network notices that you may have given it something to do.
    /// </summary>
    public Crawler Crawler
    {
        get
        {
            Node.Network.Touch(Node);
            return _crawler;
        }
    }

    /// <summary>
    /// Whether every node has been asked while the line worked, and every query is settled. A new crawl is not complete
    /// before the network has run, even with nowhere to begin.
    /// </summary>
    public bool IsComplete => _crawler.IsComplete;

    /// <summary>Whether there is nothing more to do, complete or not.</summary>
    public bool IsOver => _crawler.IsOver;

    /// <summary>Why it is not complete.</summary>
    public CrawlGaps Gaps => _crawler.Gaps;

    /// <summary>What it has done so far.</summary>
    public CrawlCounters Counters => _crawler.Counters;

    /// <summary>The nodes that have answered, each once, in the order of their first answers.</summary>
    public IReadOnlyList<CompactNode> Found => _found;

    /// <summary>When it is to be ticked; a full outbox that nothing leaves would only be found full again.</summary>
    internal Instant NextDeadline =>
        Node.IsStalled && !Node.Outbox!.HasRoom ? Instant.Never : _crawler.NextDeadline;

    /// <summary>Names a node to ask, besides the bootstrap nodes. A complete crawl goes on with it.</summary>
    /// <returns>False when the address policy refuses it, its family is not crawled, or it is known already.</returns>
    public bool AddEndpoint(in Endpoint endpoint) => Crawler.AddEndpoint(endpoint, Node.Network.Now);

    /// <summary>Runs the network until the crawl is over.</summary>
    /// <param name="limit">How long at most, of virtual time.</param>
    /// <returns>Whether it is over; false when the limit came first.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="InvalidOperationException">The network runs already: a listener called this.</exception>
    public bool Run(TimeSpan limit) => Node.Network.RunUntil(_isOver, limit);

    /// <summary>Begins again, with nothing known.</summary>
    internal void Begin()
    {
        _found.Clear();
        _crawler = Create();
    }

    private Crawler Create()
    {
        SimulatedNetwork network = Node.Network;
        var random = new SeededRandomSource(network.Random.NextUInt64());
        var crawler = new Crawler(_options, _observer, Node.Outbox!, _policy, random, network.Now);
        foreach (Endpoint endpoint in network.BootstrapFor(Node))
        {
            crawler.AddEndpoint(endpoint, network.Now);
        }

        Node.FixedId = crawler.Id;
        return crawler;
    }

    private sealed class Recorder(List<CompactNode> found, ICrawlObserver? observer) : ICrawlObserver
    {
        public bool IsReady => observer?.IsReady ?? true;

        public void OnNode(in CrawledNode node)
        {
            found.Add(new CompactNode(node.Id, node.Endpoint));
            observer?.OnNode(node);
        }
    }
}
