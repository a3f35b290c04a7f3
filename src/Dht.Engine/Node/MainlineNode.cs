using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Rpc;
using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// A node of the Mainline DHT as a state machine (BEP 5, 32, 42, 43, 51): datagrams and time go in, datagrams come out
/// through an outbox. It owns no socket, no thread, no clock.
/// </summary>
/// <remarks>
/// One thread. Once warm it allocates nothing. The driver calls <see cref="Receive"/> for what arrives, <see
/// cref="Tick"/> when <see cref="NextDeadline"/> has come, and sends what the outbox holds once per turn.
/// </remarks>
public sealed partial class MainlineNode : IMainlineNode
{
    /// <summary>The most contacts of one family in a reply.</summary>
    public const int ContactsPerReplyMax = NodeOptions.ContactsPerReplyMax;

    /// <summary>The most routers and bootstrap nodes together.</summary>
    public const int EntriesMax = NodeOptions.EntriesMax;

    /// <summary>The most contacts of one family in a saved state.</summary>
    public const int SavedContactsMax = NodeState.ContactsMax;

    private readonly NodeClock _clock = new();
    private readonly NodeFaults _faults;
    private readonly NodeFamilies _families;
    private readonly EntryPoints _entries;
    private readonly NodeQueries _queries;
    private readonly Answerer _answerer;
    private readonly Admission _admission;
    private readonly QueryEnds _ends;
    private readonly NodeLookups _lookups;
    private readonly NodeUpkeep _upkeep;
    private readonly ExternalAddress _address;
    private readonly BuiltInTasks _builtIn;
    private readonly NodeTaskRunner _tasks;

    /// <summary>Creates a node.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="outbox">Where it stages what it sends; shared with the driver.</param>
    /// <param name="random">For ids, secrets and keys; cryptographic on a real network.</param>
    /// <param name="now">The current instant.</param>
    /// <param name="extensions">
    /// Handlers, observers, methods and tasks of your own; may be shared by several nodes.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">An element of the tables is null, or two are of one family.</exception>
    public MainlineNode(
        NodeOptions options, Outbox outbox, IRandomSource random, Instant now, NodeExtensions? extensions = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(outbox);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        Extensions = extensions ?? new NodeExtensions();
        NodeObservers observers = Extensions.Observers;
        _clock.Set(now);
        _faults = new NodeFaults(() => Extensions.OnFault);
        outbox.OnPolicyFault = _faults.Report;
        _families = NodeFamilies.Create(options, outbox, random, _faults, now);
        Peers = options.PeerStore ?? new PeerStore(options.Peers ?? new PeerStoreOptions(), random);
        IPeerStore peers = GuardedStore.Wrap(Peers, _faults.Report);
        var tokens = new TokenVault(random);
        var throttles = new NodeThrottles(options, random);
        _queries = new NodeQueries(options, _families, outbox, throttles.Queries, random);
        var writer = new AnswerWriter(_families, peers, tokens, Extensions.Methods, options.ContactsPerReply);
        _answerer = new Answerer(options, _families, outbox, throttles, writer, Extensions, _faults);
        _entries = new EntryPoints(outbox, random, JoinSoon);
        _admission = new Admission(_families, _entries, _queries, throttles, observers, _faults);
        var seeds = new LookupSeeds(_families, _entries, outbox);
        var listeners = new GuardedLookupListener(_faults, observers);
        var lookups = new LookupFactory(
            options, _families, _queries, seeds, throttles.Blocks, listeners, _clock, random);
        _lookups = new NodeLookups(options.LookupsMax, NodeUpkeep.LookupsMax, lookups.Create);
        _upkeep = new NodeUpkeep(_families, _entries, _queries, _lookups, random, now);
        _address = new ExternalAddress(_families, _upkeep, outbox.Policy, observers, _faults);
        _ends = new QueryEnds(_queries, _admission, _address, observers, _faults);
        _queries.SendOwner = _ends;
        _builtIn = new BuiltInTasks(_upkeep, _address, new TokenRotation(tokens, now), peers);
        _tasks = new NodeTaskRunner(Extensions.Tasks, _faults, Run, now);
        _address.Begin(options.LocalEndpoint, now);
    }

    /// <summary>What was added to it.</summary>
    public NodeExtensions Extensions { get; }

    /// <inheritdoc/>
    public NodeId Id => _families.Main.Id;

    /// <inheritdoc/>
    public IPeerStore Peers { get; }

    /// <inheritdoc/>
    public NodeCounters Counters => _queries.Counters.Plus(_answerer.Counters) with
    {
        Lookups = _lookups.EndedCount,
        IdChanges = _families.IPv4.IdChanges + _families.IPv6.IdChanges,
        Faults = _faults.Count,
    };

    /// <inheritdoc/>
    public int ContactCount => _families.ContactCount;

    /// <inheritdoc/>
    public int OpenQueries => _queries.Count;

    /// <inheritdoc/>
    public int LookupCount => _lookups.Count;

    /// <inheritdoc/>
    public Instant Now => _clock.Now;

    /// <summary>When <see cref="Tick"/> has something to do next.</summary>
    public Instant NextDeadline => Instant.Min(_queries.NextDeadline, Instant.Min(_tasks.NextDue, _lookups.NextDue));

    /// <summary>
    /// The nodes that a node without contacts asks: routers, bootstrap nodes, and contacts of an earlier run.
    /// </summary>
    internal int EntryCount => _entries.Count;

    /// <inheritdoc/>
    public NodeId IdOf(IpFamily family) => _families.Of(family).Id;

    /// <inheritdoc/>
    public IRoutingTable Table(IpFamily family) => _families.Of(family).Given;

    /// <inheritdoc/>
    public AskResult Ping(in Endpoint destination, Instant now, IQueryListener? listener = null, long cookie = 0) =>
        _queries.Ping(destination, Expectation.Anybody, now, listener, cookie);

    /// <inheritdoc/>
    public AskResult FindNode(
        in Endpoint destination, in NodeId target, IpFamily want, Instant now,
        IQueryListener? listener = null, long cookie = 0) =>
        _queries.FindNode(destination, Expectation.Anybody, target, want, now, listener, cookie);

    /// <inheritdoc/>
    public AskResult GetPeers(
        in Endpoint destination, in InfoHash infoHash, IpFamily want, Instant now,
        IQueryListener? listener = null, long cookie = 0) =>
        _queries.GetPeers(destination, Expectation.Anybody, infoHash, want, now, listener, cookie);

    /// <inheritdoc/>
    public AskResult AnnouncePeer(
        in Endpoint destination, in InfoHash infoHash, ushort port, ReadOnlySpan<byte> token, Instant now,
        IQueryListener? listener = null, long cookie = 0) =>
        _queries.AnnouncePeer(destination, Expectation.Anybody, infoHash, port, token, now, listener, cookie);

    /// <inheritdoc/>
    public AskResult Ask<TArguments, TResults>(
        in Endpoint destination, CustomMethod<TArguments, TResults> method, scoped in TArguments arguments, Instant now,
        IQueryListener? listener = null, long cookie = 0)
        where TArguments : IKrpcBody<TArguments>, allows ref struct
        where TResults : IKrpcBody<TResults>, allows ref struct =>
        _queries.Ask(destination, method, arguments, now, listener, cookie);

    /// <inheritdoc/>
    public bool TryStartLookup(in LookupRequest request, Instant now, out LookupHandle handle) =>
        _lookups.TryStart(request, now, out handle);

    /// <inheritdoc/>
    public void CancelLookup(LookupHandle handle, Instant now) => _lookups.Cancel(handle, now);

    /// <inheritdoc/>
    public bool TryGetExternalAddress(IpFamily family, out Endpoint address) =>
        _families.Of(family).Address.TryGetCurrent(out address);

    /// <inheritdoc/>
    public void SetExternalAddress(in Endpoint address) => _address.Set(address, _clock.Now);

    /// <summary>Parses a datagram and acts on it.</summary>
    /// <param name="datagram">Borrowed for the duration of the call.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="now">The current instant.</param>
    /// <param name="local">Which address of ours it came to, and so an answer leaves from; may be unknown.</param>
    /// <returns>Why it was not a KRPC message, or <see cref="KrpcFault.None"/>.</returns>
    public KrpcFault Receive(
        ReadOnlySpan<byte> datagram, in Endpoint source, Instant now, in Endpoint local = default)
    {
        KrpcFault fault = KrpcMessage.Parse(datagram, out KrpcMessage message);
        if (fault == KrpcFault.None)
        {
            Process(message, source, now, local);
        }

        return fault;
    }

    /// <summary>Acts on a message that is parsed already.</summary>
    /// <inheritdoc cref="Receive"/>
    public void Process(in KrpcMessage message, in Endpoint source, Instant now, in Endpoint local = default)
    {
        _clock.Set(now);
        if (message.Kind != KrpcKind.Query)
        {
            _ends.Settle(message, source, now);
        }
        else if (_answerer.Answer(this, message, source, local, now))
        {
            _admission.OnQuery(message.SenderId, source, local, now);
        }
    }

    /// <summary>Does what is due.</summary>
    public void Tick(Instant now)
    {
        _clock.Set(now);
        _ends.Expire(now);
        _tasks.Run(this, now);
        _lookups.Tick(now);
    }

    /// <summary>Ends every lookup and every open query: for a driver that stops.</summary>
    /// <remarks>From then on none can be opened, so that a listener which asks again does not go on forever.</remarks>
    public void CloseQueries()
    {
        _queries.Close();
        _lookups.Close(_clock.Now);
        _ends.Stop();
    }

    /// <inheritdoc/>
    public bool AddRouter(in Endpoint router) => _entries.AddRouter(router);

    /// <inheritdoc/>
    public bool AddBootstrap(in Endpoint node) => _entries.AddBootstrap(node);

    /// <inheritdoc/>
    public bool RemoveEntry(in Endpoint entry) => _entries.Remove(entry);

    /// <summary>
    /// Takes contacts from an earlier run to join through, before routers are burdened; the ids in the state are for
    /// <see cref="NodeOptions"/>. Contacts beyond <see cref="SavedContactsMax"/> of a family are left out.
    /// </summary>
    public void AddSaved(NodeState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _entries.Keep(state);
    }

    /// <inheritdoc/>
    public NodeState CaptureState(Instant now) => NodeStateCapture.Capture(_families, _entries, now);

    /// <summary>Runs a task of the node's own.</summary>
    internal void Run(UpkeepTask task, Instant now) => _builtIn.Run(task, now);

    private void JoinSoon()
    {
        _upkeep.JoinSoon();
        _tasks.MakeDue(NodeTasks.Join);
    }
}
