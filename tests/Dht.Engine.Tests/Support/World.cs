using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Testing;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Support;

/// <summary>
/// One node of the engine in a simulated network, and neighbours around it that the test answers for. By default each
/// names the eight nearest to what it is asked for, dead ones included. Once warm it allocates nothing unless it
/// records.
/// </summary>
internal sealed class World : ISimulationObserver
{
    private readonly WorldOptions _options;
    private readonly MainlineNode _core;
    private readonly Func<bool> _hasNoLookup;

    public World(WorldOptions options)
    {
        _options = options;
        Network = new SimulatedNetwork(new SimulatedNetworkOptions
        {
            Seed = options.Seed,
            AddressPolicy = options.Policy,
            Link = new SimulatedLink
            {
                Latency = options.RoundTrip is { } roundTrip
                    ? SimulatedLatency.Constant(roundTrip)
                    : SimulatedLatency.Uniform(TimeSpan.FromMilliseconds(2), options.LatencyMax / 2) with
                    {
                        Jitter = 1,
                    },
                Loss = options.Loss,
                Duplication = options.DuplicateShare,
            },
        });
        Network.Run(TimeSpan.FromHours(1));
        Self = Network.AddNode(NodeUnderTest(options));
        _core = Self.Node;
        _hasNoLookup = () => _core.LookupCount == 0;
        Neighbours = new Neighbourhood(
            options, Network, (node, in query, in source, answer) => Answers!.Answer(node, query, source, answer));
        Answers = new NeighbourAnswers(options, Neighbours, Random);
        Acquaint(IpFamily.IPv4, options.IPv4Count);
        Acquaint(IpFamily.IPv6, options.IPv6Count);
        Network.Observer = this;
    }

    public SimulatedNetwork Network { get; }

    /// <summary>The node under test, as the network knows it.</summary>
    public SimulatedNode Self { get; }

    public MainlineNode Node => Self.Node;

    public Neighbourhood Neighbours { get; }

    public NeighbourAnswers Answers { get; }

    public Instant Now => Network.Now;

    public SeededRandomSource Random => Network.Random;

    public Exception? LastFault { get; private set; }

    /// <summary>Queries that left the node, of each method, dead destinations included.</summary>
    public int[] Queries { get; } = new int[8];

    /// <summary>The destination of the latest query.</summary>
    public Endpoint LastDestination { get; private set; }

    /// <summary>What left the node, if it is recorded.</summary>
    public List<(Endpoint To, byte[] Datagram)> Sent { get; } = [];

    /// <summary>When each of <see cref="Sent"/> left.</summary>
    public List<Instant> SentAt { get; } = [];

    /// <summary>Peers in all replies that reached the node while a lookup was under way.</summary>
    public int PeersNamed { get; private set; }

    public void Run(TimeSpan span) => Network.Run(span);

    /// <summary>Lets the next thing happen; false when none is due within the limit.</summary>
    public bool Step(TimeSpan limit) => Network.Step(limit);

    /// <summary>Makes a neighbour known the honest way: it asks, is pinged, and answers.</summary>
    public void Introduce(Neighbour neighbour)
    {
        Span<byte> query = stackalloc byte[256];
        var envelope = new KrpcEnvelope { Id = neighbour.Id, TransactionId = "aa"u8 };
        int length = KrpcQueries.WritePing(query, envelope);
        neighbour.Node.Send(Self.EndpointOf(neighbour.Family), query[..length]);
        Run(_options.LatencyMax * 2);
    }

    /// <summary>Lets a datagram arrive from any endpoint, with or without a node.</summary>
    public void Receive(in Endpoint source, ReadOnlySpan<byte> datagram)
    {
        Network.Send(source, Self.EndpointOf(source.Family), datagram);
        Run(_options.LatencyMax);
    }

    /// <summary>Runs until no lookup is under way; false when some still are after the span.</summary>
    public bool RunLookups(TimeSpan span) => Network.RunUntil(_hasNoLookup, span);

    /// <summary>Starts a lookup and runs it to its end.</summary>
    public LookupReport Look(LookupRecorder recorder, LookupKind kind, in NodeId target, ushort port = 0)
    {
        int before = recorder.Ends;
        Assert.True(Node.TryStartLookup(
            new LookupRequest { Kind = kind, Target = target, Port = port, Listener = recorder, Cookie = 7 },
            Now,
            out _));
        if (!RunLookups(TimeSpan.FromSeconds(60)) || recorder.Ends != before + 1)
        {
            Assert.Fail($"seed {_options.Seed}: a lookup ended {recorder.Ends - before} times.");
        }

        return recorder.Report;
    }

    void ISimulationObserver.OnSent(in Endpoint source, in Endpoint destination, ReadOnlySpan<byte> datagram)
    {
        if (source != Self.EndpointOf(source.Family))
        {
            return;
        }

        Assert.True(KrpcMessage.Parse(datagram, out KrpcMessage message) == KrpcFault.None);
        if (message.Kind == KrpcKind.Query)
        {
            Queries[(int)message.Method]++;
            LastDestination = destination;
        }

        if (_options.Records)
        {
            Sent.Add((destination, datagram.ToArray()));
            SentAt.Add(Now);
        }
    }

    void ISimulationObserver.OnDelivered(in Endpoint source, SimulatedNode destination, ReadOnlySpan<byte> datagram)
    {
        if (destination != Self || _core.LookupCount == 0
            || KrpcMessage.Parse(datagram, out KrpcMessage message) != KrpcFault.None)
        {
            return;
        }

        foreach (Endpoint _ in message.Values)
        {
            PeersNamed++;
        }
    }

    /// <summary>True with this probability. A probability of 0 draws no number.</summary>
    internal static bool Chance(SeededRandomSource random, double share) =>
        share > 0 && random.Next(1_000_000) < share * 1_000_000;

    private void Acquaint(IpFamily family, int count)
    {
        int first = family == IpFamily.IPv4 ? 0 : _options.IPv4Count;
        for (int i = 0; i < _options.Known && count > 0; i++)
        {
            Neighbour known = Neighbours[first + Random.Next(count)];
            Node.Table(family).Insert(known.Id, known.Endpoint, Now);
        }
    }

    private SimulatedNodeOptions NodeUnderTest(WorldOptions options)
    {
        var extensions = new NodeExtensions { OnFault = fault => LastFault = fault };
        foreach (NodeTask task in options.KeepsUpkeep ? [] : extensions.Tasks.All.ToArray())
        {
            task.Remove();
        }

        IpFamily populated = (options.IPv4Count > 0 ? IpFamily.IPv4 : 0) | (options.IPv6Count > 0 ? IpFamily.IPv6 : 0);
        return new SimulatedNodeOptions
        {
            Node = options.Node with { Id = options.Node.Id ?? NodeId.Random(Random) },
            Families = options.Families ?? populated,
            Extensions = extensions,
            Bootstrap = [],
            OutboxCapacity = options.OutboxSize,
        };
    }
}
