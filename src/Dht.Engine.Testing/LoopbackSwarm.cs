using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Testing.Swarm;

namespace Dht.Engine.Testing;

/// <summary>
/// A whole network on one machine: virtual nodes that answer over real UDP on loopback. Node i lives at 127.1.0.0 + i,
/// all nodes on one port.
/// </summary>
/// <remarks>
/// <para>The nodes answer <c>ping</c>, <c>find_node</c>, <c>get_peers</c>, <c>announce_peer</c> (any token will do) and
/// <c>sample_infohashes</c>, and hand out contacts as nodes with k-buckets do: few that are far from them, all that
/// are near. They only answer; they never ask, and they remember nothing.</para>
/// <para>Everything follows from <see cref="LoopbackSwarmOptions.Seed"/> except the addresses' port. Traffic never
/// leaves 127.0.0.0/8: what comes from elsewhere is not answered.</para>
/// <para>A swarm has one thread of its own, which sleeps while nothing arrives. Members may be used from any
/// thread.</para>
/// </remarks>
public sealed class LoopbackSwarm : IDisposable, IAsyncDisposable
{
    /// <summary>The most nodes that one swarm can have: those of 127.1.0.0 to 127.255.255.254.</summary>
    public const int NodesMax = (int)(SwarmAddressBook.LastAddress - SwarmAddressBook.FirstAddress) + 1;

    /// <summary>How many infohashes each node holds for <c>sample_infohashes</c>.</summary>
    public const int SamplesPerNode = SwarmPopulation.SamplesPerNode;

    private readonly SwarmPopulation _population;
    private readonly ISwarmLink _link;
    private readonly SwarmTally _tally;
    private readonly Thread _thread;
    private int _disposed;

    private LoopbackSwarm(LoopbackSwarmOptions options, ISwarmLink link)
    {
        _link = link;
        _population = new SwarmPopulation(
            link.Addresses.Count, options.Seed, options.DeadPercent, options.HostilePercent);
        var index = new SwarmIndex(_population);
        var responder = new SwarmResponder(
            _population, index, link.Addresses, options.ContactsPerReply, options.LossPercent);
        responder.WarmUp();
        _tally = responder.Tally;
        MemoryBytes = index.MemoryBytes + responder.MemoryBytes + link.MemoryBytes;
        if (link is ManyPortsLink)
        {
            Notice =
                "The nodes live at 127.0.0.1, each on a port of its own, because this system does not offer many "
                + $"loopback addresses on one port; there are {NodeCount} of the {options.Nodes} asked for.";
        }

        _thread = new Thread(() => link.Serve(responder)) { IsBackground = true, Name = "loopback swarm" };
    }

    /// <summary>How many nodes there are, of all kinds.</summary>
    public int NodeCount => _population.Count;

    /// <summary>How many nodes are neither dead nor hostile.</summary>
    public int LiveCount => _population.LiveCount;

    /// <summary>The port of all nodes; on many ports (see <see cref="Notice"/>) that of node 0.</summary>
    public ushort Port => _link.Addresses.Port;

    /// <summary>
    /// Bytes of memory that the swarm holds, apart from the kernel's socket buffers: about 14 a node.
    /// </summary>
    public long MemoryBytes { get; }

    /// <summary>
    /// Null when all is as asked for. Where the system cannot serve many loopback addresses on one port, a sentence
    /// for people that says so: the swarm then is small and uses many ports of 127.0.0.1.
    /// </summary>
    public string? Notice { get; }

    /// <summary>Datagrams that arrived for nodes of the swarm, dead ones included.</summary>
    public long DatagramsReceived => Volatile.Read(ref _tally.Received);

    /// <summary>Replies sent, errors and the tricks of hostile nodes included.</summary>
    public long QueriesAnswered => Volatile.Read(ref _tally.Answered);

    /// <summary>
    /// Datagrams lost on purpose (<see cref="LoopbackSwarmOptions.LossPercent"/>), and replies that the system did
    /// not take.
    /// </summary>
    public long DatagramsLost => Volatile.Read(ref _tally.Lost);

    /// <summary>Datagrams that are no sound query: no KRPC at all, or answered with error 203.</summary>
    public long DatagramsMalformed => Volatile.Read(ref _tally.Malformed);

    /// <summary>Binds, builds the nodes and starts to answer. The caller owns the swarm and disposes of it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static LoopbackSwarm Start(LoopbackSwarmOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        ISwarmLink? link = OperatingSystem.IsLinux() && !options.ManyPorts
            ? ManyAddressesLink.TryOpen(options.Nodes, options.Port)
            : null;
        link ??= ManyPortsLink.Open(Math.Min(options.Nodes, ManyPortsLink.NodesMax), options.Port);
        try
        {
            var swarm = new LoopbackSwarm(options, link);
            swarm._thread.Start();
            return swarm;
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>Where a node lives.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node.</exception>
    public Endpoint EndpointOf(int index) => _link.Addresses[Checked(index)];

    /// <summary>The id of a node.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node.</exception>
    public NodeId IdOf(int index) => _population.IdOf(Checked(index));

    /// <summary>How a node behaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node.</exception>
    public SwarmNodeKind KindOf(int index) => _population.KindOf(Checked(index));

    /// <summary>The trick that a hostile node plays; <see cref="SwarmTrick.None"/> for all others.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node.</exception>
    public SwarmTrick TrickOf(int index) => _population.TrickOf(Checked(index));

    /// <summary>One of the infohashes that a node answers to <c>sample_infohashes</c>.</summary>
    /// <param name="index">The node.</param>
    /// <param name="place">0 to <see cref="SamplesPerNode"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node or place.</exception>
    public InfoHash SampleOf(int index, int place)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)place, (uint)SamplesPerNode, nameof(place));
        return _population.SampleOf(Checked(index), place);
    }

    /// <summary>Which node lives at an endpoint; false when none does.</summary>
    public bool TryGetIndex(in Endpoint endpoint, out int index) => _link.Addresses.TryGetIndex(endpoint, out index);

    /// <summary>Stops answering, ends the thread and frees the port. May be called twice.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _link.Stop();
            _thread.Join();
            _link.Dispose();
        }
    }

    /// <summary>The same as <see cref="Dispose"/>; that takes less than a millisecond, so it is done at once.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static void Check(LoopbackSwarmOptions options)
    {
        CheckRange(options.Nodes, 1, NodesMax, nameof(options.Nodes));
        CheckRange(options.ContactsPerReply, 1, SwarmResponder.ContactsMax, nameof(options.ContactsPerReply));
        CheckRange(options.DeadPercent, 0, 100, nameof(options.DeadPercent));
        CheckRange(options.HostilePercent, 0, 100 - options.DeadPercent, nameof(options.HostilePercent));
        CheckRange(options.LossPercent, 0, 100, nameof(options.LossPercent));
    }

    private static void CheckRange(double value, double min, double max, string name)
    {
        // Written so that no number at all (NaN) is refused too.
        if (!(value >= min && value <= max))
        {
            throw new ArgumentOutOfRangeException(name, value, $"Must lie between {min} and {max}.");
        }
    }

    private int Checked(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)NodeCount, nameof(index));
        return index;
    }
}
