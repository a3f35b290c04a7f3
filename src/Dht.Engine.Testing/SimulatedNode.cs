using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Rpc;
using Dht.Engine.Testing.Simulation;
using Dht.Engine.Timing;

namespace Dht.Engine.Testing;

/// <summary>
/// A node of a <see cref="SimulatedNetwork"/>, created by <see cref="SimulatedNetwork.AddNode"/>. One thread, that of
/// the network.
/// </summary>
public sealed class SimulatedNode
{
    private readonly Endpoint _endpointIPv4;
    private readonly Endpoint _endpointIPv6;

    internal SimulatedNode(
        SimulatedNetwork network,
        int index,
        SimulatedNodeOptions options,
        in Endpoint endpointIPv4,
        in Endpoint endpointIPv6,
        Outbox? outbox)
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

    /// <summary>Zero-based index in <see cref="SimulatedNetwork.Nodes"/>.</summary>
    public int Index { get; }

    /// <summary>What it was created with.</summary>
    public SimulatedNodeOptions Options { get; }

    /// <summary>How it behaves.</summary>
    public SimulatedNodeKind Kind => Options.Kind;

    /// <summary>Whether it is there: nothing reaches a dead node, and it does nothing.</summary>
    public bool IsAlive { get; internal set; } = true;

    /// <summary>How often it was restarted (<see cref="SimulatedNetwork.Restart"/>).</summary>
    public int Restarts { get; internal set; }

    /// <summary>Where it lives; for a node of both families the IPv4 endpoint.</summary>
    public Endpoint Endpoint => _endpointIPv4.Family != IpFamily.None ? _endpointIPv4 : _endpointIPv6;

    /// <summary>
    /// Whether what it stages stays where it is, as under a socket that takes nothing, until the outbox is full. What
    /// waits is sent when this becomes false again.
    /// </summary>
    public bool IsStalled
    {
        get;
        set
        {
            field = value;
            Network.Touch(this);
        }
    }

    /// <summary>
    /// Datagrams a second that its system lets out; it refuses to send the rest, as a firewall or a missing route does,
    /// and the node learns of that. 0 lets out nothing; null, the default, everything.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int? SendsPerSecond
    {
        get => Gate?.PerSecond;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value ?? 0, nameof(value));
            Gate = value is { } perSecond ? new SendGate(perSecond) : null;
        }
    }

    /// <summary>
    /// The node of the engine: the current one, since <see cref="SimulatedNetwork.Restart"/> creates another. Ask for
    /// it each time rather than keep it: so the network notices that you may have made it send something, or given it
    /// something to do.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// It is not run by the engine: its kind is neither honest nor tarpit.
    /// </exception>
    public MainlineNode Node
    {
        get
        {
            Network.Touch(this);
            return Core ?? throw new InvalidOperationException(
                $"A node of kind {Kind} is not run by the engine; it has an endpoint and an id, and no more.");
        }
    }

    /// <summary>Its id; if the families have different ones, that of <see cref="Endpoint"/>.</summary>
    public NodeId Id => IdOf(Endpoint.Family);

    internal MainlineNode? Core { get; set; }

    internal HostileNode? Hostile { get; set; }

    internal SimulatedCrawl? Crawl { get; set; }

    /// <summary>The id of a node that is not run by the engine.</summary>
    internal NodeId FixedId { get; set; }

    /// <summary>What it has staged; a scripted node stages nothing.</summary>
    internal Outbox? Outbox { get; }

    internal NatTable? Nat { get; }

    internal SendGate? Gate { get; private set; }

    /// <summary>Its side of a partition.</summary>
    internal int Side { get; set; }

    /// <summary>When its next tick is in the queue; one at any other instant is out of date.</summary>
    internal Instant ScheduledAt { get; set; } = Instant.Never;

    /// <summary>When its uplink has sent all that waits.</summary>
    internal Instant UplinkFreeAt { get; set; }

    internal bool IsTouched { get; set; }

    internal bool LeftByChurn { get; set; }

    internal Instant NextDeadline =>
        Core?.NextDeadline ?? Hostile?.NextDeadline ?? Crawl?.NextDeadline ?? Instant.Never;

    /// <summary>Its endpoint of a family; without an address when it has none of that family.</summary>
    public Endpoint EndpointOf(IpFamily family) => family == IpFamily.IPv6 ? _endpointIPv6 : _endpointIPv4;

    /// <summary>Its id among the contacts of a family.</summary>
    public NodeId IdOf(IpFamily family) => Core?.IdOf(family) ?? FixedId;

    /// <summary>
    /// Sends a datagram of your own as this node, whatever its kind. Like anything it sends it waits for its uplink.
    /// A dead node sends nothing.
    /// </summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="datagram">0 to <see cref="SimulatedNetwork.DatagramSizeMax"/> bytes, which are copied.</param>
    /// <param name="delay">How much later it leaves; not negative.</param>
    /// <exception cref="ArgumentException">The datagram is too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    public void Send(in Endpoint destination, ReadOnlySpan<byte> datagram, TimeSpan delay = default)
    {
        SimulatedNetwork.CheckDatagram(datagram, delay);
        if (IsAlive)
        {
            Network.SendFrom(this, destination, datagram, delay);
        }
    }

    /// <summary>
    /// Starts a lookup. It goes on while the network runs and the node lives, and ends when the node is restarted.
    /// </summary>
    /// <param name="kind">What it is for.</param>
    /// <param name="target">The id searched for; for a torrent its infohash.</param>
    /// <param name="port">
    /// For announcing: where the peer listens; 0 asks the nodes to take the source port of the datagram.
    /// </param>
    /// <returns>What it finds. One that could not begin has ended, with <see cref="LookupStatus.Busy"/>.</returns>
    /// <exception cref="InvalidOperationException">It is dead, or not run by the engine.</exception>
    public SimulatedLookup StartLookup(LookupKind kind, in NodeId target, ushort port = 0)
    {
        if (!IsAlive)
        {
            throw new InvalidOperationException(
                $"{this} is dead, so its lookup would never end; revive or restart it first.");
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
