using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Rpc;
using Dht.Engine.Testing.Simulation;
using Dht.Engine.Timing;

namespace Dht.Engine.Testing;

/// <summary>A node of a <see cref="SimulatedNetwork"/>, made by <see cref="SimulatedNetwork.AddNode"/>. One thread, that of the network.</summary>
public sealed class SimulatedNode
{
    private readonly Endpoint _endpointIPv4;
    private readonly Endpoint _endpointIPv6;

    internal SimulatedNode(
        SimulatedNetwork network, int index, SimulatedNodeOptions options, in Endpoint endpointIPv4, in Endpoint endpointIPv6, Outbox outbox)
    {
        Network = network;
        Index = index;
        Options = options;
        _endpointIPv4 = endpointIPv4;
        _endpointIPv6 = endpointIPv6;
        Outbox = outbox;
        Nat = options.IsBehindNat ? new NatTable(network.Options.NatLifetime) : null;
    }

    /// <summary>Where it lives.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>The how manieth node it is, from 0.</summary>
    public int Index { get; }

    /// <summary>What it was made with.</summary>
    public SimulatedNodeOptions Options { get; }

    /// <summary>How it behaves.</summary>
    public SimulatedNodeKind Kind => Options.Kind;

    /// <summary>Whether it is there: nothing reaches a dead node, and it does nothing.</summary>
    public bool IsAlive { get; internal set; } = true;

    /// <summary>How often it was started anew (<see cref="SimulatedNetwork.Restart"/>).</summary>
    public int Restarts { get; internal set; }

    /// <summary>Where it lies; of a node of both families the IPv4 one.</summary>
    public Endpoint Endpoint => _endpointIPv4.Family != IpFamily.None ? _endpointIPv4 : _endpointIPv6;

    /// <summary>
    /// The node of the engine: the present one, since <see cref="SimulatedNetwork.Restart"/> makes another. Come here each time rather
    /// than keep it: so the network notices that you may have made it send something, or given it something to do.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is none of the engine's: its kind is silent, liar or flooder.</exception>
    public MainlineNode Node
    {
        get
        {
            Network.Touch(this);
            return Core ?? throw new InvalidOperationException($"A node of kind {Kind} is not a node of the engine; only its endpoint and its id can be asked.");
        }
    }

    /// <summary>Its id; where the families have different ones, that of <see cref="Endpoint"/>.</summary>
    public NodeId Id => IdOf(Endpoint.Family);

    internal MainlineNode? Core { get; set; }

    internal HostileNode? Hostile { get; set; }

    internal Outbox Outbox { get; }

    internal NatTable? Nat { get; }

    /// <summary>On which side of a partition.</summary>
    internal int Side { get; set; }

    /// <summary>When its next tick is in the queue; one at any other instant is out of date.</summary>
    internal Instant ScheduledAt { get; set; } = Instant.Never;

    /// <summary>When its uplink has sent all that waits.</summary>
    internal Instant UplinkFreeAt { get; set; }

    internal bool IsTouched { get; set; }

    internal bool LeftByChurn { get; set; }

    internal Instant NextDeadline => Core?.NextDeadline ?? Hostile!.NextDeadline;

    /// <summary>Its endpoint of a family; none when it has no address of it.</summary>
    public Endpoint EndpointOf(IpFamily family) => family == IpFamily.IPv6 ? _endpointIPv6 : _endpointIPv4;

    /// <summary>Its id among the contacts of a family.</summary>
    public NodeId IdOf(IpFamily family) => Core?.IdOf(family) ?? Hostile!.Id;

    /// <summary>Starts a lookup. It goes on while the network runs and the node lives, and ends when the node is restarted.</summary>
    /// <param name="kind">What for.</param>
    /// <param name="target">What is searched for; of a torrent its infohash.</param>
    /// <param name="port">For announcing: where the peer listens; 0 asks the nodes to take the source port of the datagram.</param>
    /// <returns>What it finds. One that could not begin has ended, with <see cref="LookupStatus.Busy"/>.</returns>
    /// <exception cref="InvalidOperationException">It is dead, or no node of the engine.</exception>
    public SimulatedLookup StartLookup(LookupKind kind, in NodeId target, ushort port = 0)
    {
        if (!IsAlive)
        {
            throw new InvalidOperationException($"{this} is dead, so its lookup would never end; revive or restart it first.");
        }

        var lookup = new SimulatedLookup(this);
        var request = new LookupRequest { Kind = kind, Target = target, Port = port, Listener = lookup };
        if (Node.TryStartLookup(request, Network.Now, out LookupHandle handle))
        {
            lookup.Handle = handle;
        }
        else
        {
            lookup.End(new LookupReport { Kind = kind, Target = target, Status = LookupStatus.Busy }, default);
        }

        return lookup;
    }

    /// <summary>Its number, kind and endpoint, for messages.</summary>
    public override string ToString() => $"{Kind} node {Index} at {Endpoint}";
}
