using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Testing.Simulation;
using Dht.Engine.Timing;

namespace Dht.Engine.Testing;

/// <summary>
/// A DHT in memory, at virtual time: nodes of the engine that talk over links with latency, loss, duplication and
/// reordering, with NATs, partitions, churn, and hostile nodes among them. All chance comes from one seed, so that a
/// run can be repeated to the bit on any machine: <see cref="TraceDigest"/> says whether it was.
/// </summary>
/// <remarks>
/// One thread. Nothing happens but in <see cref="Run"/>, <see cref="RunUntil"/> and <see cref="Step"/>; between them,
/// and in listeners, the network may be changed at will. Once warm a packet allocates nothing. A node of the engine
/// takes about half a megabyte with the default settings, a scripted one a few hundred bytes.
/// </remarks>
public sealed partial class SimulatedNetwork
{
    /// <summary>The most nodes.</summary>
    public const int NodesMax = 1_000_000;

    private readonly List<SimulatedNode> _nodes = [];
    private readonly List<SimulatedNode> _touched = [];
    private readonly EventQueue _events = new();
    private readonly DatagramPool _underWay = new();
    private readonly EndpointMap _byEndpoint;
    private readonly SeededRandomSource _random;
    private readonly ulong _pairSeed;
    private SimulatedStatistics _statistics;
    private TraceHash _trace;
    private int _addresses;

    /// <summary>Creates an empty network.</summary>
    /// <param name="options">Its settings; null takes the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public SimulatedNetwork(SimulatedNetworkOptions? options = null)
    {
        Options = options ?? new SimulatedNetworkOptions();
        Options.Validate();
        _random = new SeededRandomSource(Options.Seed);
        _pairSeed = _random.NextUInt64();
        _byEndpoint = new EndpointMap(Options.Seed);
        Link = Options.Link;
        Extensions = new NodeExtensions { OnFault = fault => LastFault = fault };
    }

    /// <summary>
    /// How late what a <see cref="SimulatedNodeKind.Tarpit"/> sends leaves it: longer than a node waits for an answer
    /// by default.
    /// </summary>
    public static TimeSpan TarpitDelay { get; } = TimeSpan.FromSeconds(4);

    /// <summary>What it was created with.</summary>
    public SimulatedNetworkOptions Options { get; }

    /// <summary>The virtual time.</summary>
    public Instant Now { get; private set; } = Instant.Zero;

    /// <summary>All nodes, dead ones too, by their <see cref="SimulatedNode.Index"/>.</summary>
    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>What the links between the nodes do to datagrams sent from now on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value of the new link is out of its range.</exception>
    public SimulatedLink Link
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.Validate();
            field = value;
        }
    }

    /// <summary>Handlers, observers, methods and tasks of all nodes that have none of their own.</summary>
    public NodeExtensions Extensions { get; }

    /// <summary>
    /// What your code, or a node, last threw inside a node that has the shared <see cref="Extensions"/>; null for
    /// nothing.
    /// </summary>
    public Exception? LastFault { get; private set; }

    /// <summary>
    /// A digest of all datagrams delivered so far, in their order: instant, source, destination and bytes. Two runs
    /// are the same if and, but for a chance of 1 in 2^64 or so, only if it is the same.
    /// </summary>
    public UInt128 TraceDigest => _trace.Value;

    /// <summary>What has happened so far.</summary>
    public SimulatedStatistics Statistics => _statistics;

    /// <summary>Datagrams under way now.</summary>
    public int InFlight => _underWay.Count;

    /// <summary>
    /// The random source of the network itself, for tests that want theirs from the same seed. Drawing from it
    /// changes what comes later.
    /// </summary>
    public SeededRandomSource Random => _random;

    /// <summary>Adds a node. It starts at once: with the next run it joins through its bootstrap nodes.</summary>
    /// <param name="options">Its settings; null takes an honest IPv4 node.</param>
    /// <exception cref="ArgumentException">
    /// Its endpoint is taken or refused by the address policy, or an option makes no sense.
    /// </exception>
    /// <exception cref="InvalidOperationException">There are <see cref="NodesMax"/> already.</exception>
    public SimulatedNode AddNode(SimulatedNodeOptions? options = null)
    {
        options ??= new SimulatedNodeOptions();
        SimulatedNode node = CreateNode(options);
        if (options.Kind is SimulatedNodeKind.Honest or SimulatedNodeKind.Tarpit)
        {
            node.Core = CreateCore(node, options.Node ?? Options.Node);
        }
        else if (options.Kind == SimulatedNodeKind.Crawler)
        {
            throw new ArgumentException(
                $"A crawl needs settings of its own; call {nameof(AddCrawler)}.", nameof(options));
        }
        else
        {
            node.FixedId = options.Node?.Id ?? SecureNodeId.Derive(node.Endpoint, _random);
            node.Hostile = options.Kind == SimulatedNodeKind.Scripted
                ? null
                : new HostileNode(this, node, node.FixedId, _random.NextUInt64(), Now);
        }

        Place(node);
        return node;
    }

    /// <summary>Adds several nodes of one kind.</summary>
    /// <param name="count">How many.</param>
    /// <param name="options">Their settings; null takes honest IPv4 nodes.</param>
    /// <returns>The new ones.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="count"/> is more than 1, and the options name what only one node can have: an endpoint, an id,
    /// tables, a peer store; or they make no sense. Then none is added.
    /// </exception>
    public IReadOnlyList<SimulatedNode> AddNodes(int count, SimulatedNodeOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        bool isOfOne = options?.Endpoint != null
            || options?.Node is { Id: not null } or { IdIPv6: not null }
            || options?.Node is { Tables.Count: > 0 } or { PeerStore: not null };
        if (count > 1 && isOfOne)
        {
            throw new ArgumentException(
                "An endpoint, an id, tables and a peer store serve one node only; add such nodes one by one.",
                nameof(options));
        }

        var added = new SimulatedNode[count];
        for (int i = 0; i < count; i++)
        {
            added[i] = AddNode(options);
        }

        return added;
    }

    /// <summary>Which node lives at an endpoint, or did before it died; false when none ever did.</summary>
    public bool TryGetNode(in Endpoint endpoint, out SimulatedNode? node)
    {
        node = _byEndpoint.TryGet(endpoint, out int index) ? _nodes[index] : null;
        return node != null;
    }

    /// <summary>
    /// What a perfect lookup would find: the live honest nodes whose ids are nearest to a target, nearest first.
    /// </summary>
    /// <param name="target">The id.</param>
    /// <param name="count">How many.</param>
    /// <param name="family">Only nodes of this family.</param>
    public IReadOnlyList<SimulatedNode> Nearest(NodeId target, int count, IpFamily family = IpFamily.IPv4)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var nearest = new List<SimulatedNode>(count + 1);
        foreach (SimulatedNode node in _nodes)
        {
            bool counts = node.Kind == SimulatedNodeKind.Honest && node.IsAlive;
            if (!counts || node.EndpointOf(family).Family == IpFamily.None)
            {
                continue;
            }

            int place = nearest.Count;
            while (place > 0 && NodeId.CompareDistance(target, node.IdOf(family), nearest[place - 1].IdOf(family)) < 0)
            {
                place--;
            }

            if (place < count)
            {
                nearest.Insert(place, node);
                if (nearest.Count > count)
                {
                    nearest.RemoveAt(count);
                }
            }
        }

        return nearest;
    }

    internal void Touch(SimulatedNode node)
    {
        if (!node.IsTouched)
        {
            node.IsTouched = true;
            _touched.Add(node);
        }
    }

    /// <summary>
    /// A live honest node with an address of a family; on demand, one that no NAT hides. Null when there is none.
    /// </summary>
    internal SimulatedNode? AnyLive(IpFamily family, SimulatedNode except, bool reachable = false)
    {
        // Starts at a random index, so that one is found even if nearly all are dead.
        int start = _nodes.Count > 0 ? _random.Next(_nodes.Count) : 0;
        for (int i = 0; i < _nodes.Count; i++)
        {
            SimulatedNode node = _nodes[(start + i) % _nodes.Count];
            bool isHonest = node != except && node.IsAlive && node.Kind == SimulatedNodeKind.Honest;
            if (isHonest && node.EndpointOf(family).Family != IpFamily.None && !(reachable && node.Options.IsBehindNat))
            {
                return node;
            }
        }

        return null;
    }
}
