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
/// A node of the Mainline DHT as a state machine (BEP 5, 32, 43, 51): datagrams and time go in, datagrams come out through an
/// outbox. It owns no socket, no thread, no clock.
/// </summary>
/// <remarks>
/// One thread. Once warm it allocates nothing. The driver calls <see cref="Receive"/> for what arrives, <see cref="Tick"/> when
/// <see cref="NextDeadline"/> has come, and sends what the outbox holds once per turn.
/// </remarks>
public sealed partial class MainlineNode : IContactListener
{
    /// <summary>The most contacts of one family in a reply.</summary>
    public const int ContactsPerReplyMax = 16;

    private readonly NodeOptions _options;
    private readonly Outbox _outbox;
    private readonly IRandomSource _random;
    private readonly byte[] _version;
    private readonly IRoutingTable _tableIPv4;
    private readonly IRoutingTable _tableIPv6;
    private readonly TokenVault _tokens;
    private readonly TransactionTable<NodeQuery> _transactions;
    private readonly AddressThrottle _answerThrottle;
    private readonly AddressThrottle _queryThrottle;
    private readonly AddressThrottle _verifyThrottle;
    private readonly NodeTaskRunner _tasks;
    private readonly byte[] _scratch = new byte[ReplySizeMax];
    private NodeCounters _counters;
    private NodeId _idIPv4;
    private NodeId _idIPv6;
    private Instant _now;

    /// <summary>Makes a node.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="outbox">Where it stages what it sends; shared with whoever drives it.</param>
    /// <param name="random">For ids, secrets and keys; cryptographic on a real network.</param>
    /// <param name="now">The present instant.</param>
    /// <param name="extensions">Handlers, observers, methods and tasks of your own; may be shared by several nodes.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">Among the tables is none at all, or two are of one family.</exception>
    public MainlineNode(NodeOptions options, Outbox outbox, IRandomSource random, Instant now, NodeExtensions? extensions = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(outbox);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        _options = options;
        _outbox = outbox;
        _outbox.OnPolicyFault = Report;
        _random = random;
        _version = options.Version.ToArray();
        Extensions = extensions ?? new NodeExtensions();
        _idIPv4 = options.Id ?? NodeId.Random(random);
        _idIPv6 = options.IdIPv6 ?? _idIPv4;
        _tableIPv4 = TableOf(IpFamily.IPv4, now);
        _tableIPv6 = TableOf(IpFamily.IPv6, now);
        _tableIPv4.Listener = this;
        _tableIPv6.Listener = this;
        _voteIPv4 = MakeVote(IpFamily.IPv4);
        _voteIPv6 = MakeVote(IpFamily.IPv6);
        Peers = options.PeerStore
            ?? new PeerStore(
                new PeerStoreOptions
                {
                    InfoHashCapacity = options.InfoHashCapacity,
                    PeerCapacity = options.PeerCapacity,
                    PeersPerInfoHash = options.PeersPerInfoHash,
                },
                random);
        _tokens = new TokenVault(random);
        _transactions = new TransactionTable<NodeQuery>(options.OpenQueriesMax, random);
        var hasher = new EndpointHasher(random.NextUInt64(), random.NextUInt64());
        int asked = options.AddressesRemembered / 4;
        _answerThrottle = new AddressThrottle(options.AnswersPerSecondPerAddress, options.AnswerBurst, options.AddressesRemembered, hasher);
        _queryThrottle = new AddressThrottle(options.QueriesPerSecondPerAddress, options.QueryBurst, asked, hasher);

        // By address: whoever forges many ports of it must not use up what we may ask it ourselves.
        _verifyThrottle = new AddressThrottle(1.0 / 60, 1, asked, hasher, perPort: options.Table.AllowSharedAddresses);
        _now = now;
        _lookups = new NodeLookups(this, options.LookupsMax, UpkeepLookupsMax, MakeCandidateSet);
        _tasks = new NodeTaskRunner(Extensions.Tasks);
        StartUpkeep(now);
    }

    /// <summary>What was added to it.</summary>
    public NodeExtensions Extensions { get; }

    /// <summary>Our id; where the families have different ones (<see cref="IdOf"/>), that of the family that the socket reaches, IPv4 first.</summary>
    public NodeId Id => IdOf(_outbox.Reaches(IpFamily.IPv4) ? IpFamily.IPv4 : IpFamily.IPv6);

    /// <summary>Where announced peers are kept.</summary>
    public IPeerStore Peers { get; }

    /// <summary>What it has done so far.</summary>
    public NodeCounters Counters => _counters;

    /// <summary>Contacts of both families.</summary>
    public int ContactCount => _tableIPv4.Count + _tableIPv6.Count;

    /// <summary>Queries of ours that await an answer.</summary>
    public int OpenQueries => _transactions.Count;

    /// <summary>Our id among the contacts of a family. BEP 42 ties an id to an address, so the families may have different ones.</summary>
    public NodeId IdOf(IpFamily family) => family == IpFamily.IPv6 ? _idIPv6 : _idIPv4;

    /// <summary>The table of a family.</summary>
    public IRoutingTable Table(IpFamily family) => family == IpFamily.IPv6 ? _tableIPv6 : _tableIPv4;

    /// <summary>Parses a datagram and acts on it.</summary>
    /// <param name="datagram">Borrowed for the duration of the call.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="now">The present instant.</param>
    /// <returns>Why it was no KRPC message, or <see cref="KrpcFault.None"/>.</returns>
    public KrpcFault Receive(ReadOnlySpan<byte> datagram, in Endpoint source, Instant now)
    {
        KrpcFault fault = KrpcMessage.Parse(datagram, out KrpcMessage message);
        if (fault == KrpcFault.None)
        {
            Process(message, source, now);
        }

        return fault;
    }

    /// <summary>Acts on a message that is parsed already.</summary>
    public void Process(in KrpcMessage message, in Endpoint source, Instant now)
    {
        _now = now;
        if (message.Kind == KrpcKind.Query)
        {
            Answer(message, source, now);
        }
        else
        {
            Settle(message, source, now);
        }
    }

    void IContactListener.OnContactFound(in CompactNode contact) => Extensions.Observers.ContactFound(this, contact);

    void IContactListener.OnContactLost(in CompactNode contact)
    {
        KeepIfCutOff(contact);
        Extensions.Observers.ContactLost(this, contact);
    }

    /// <summary>Counts an exception that code of the user threw inside the node, and hands it on.</summary>
    internal void Report(Exception fault)
    {
        _counters.Faults++;
        try
        {
            Extensions.OnFault?.Invoke(fault);
        }
        catch (Exception)
        {
            // Whoever is told of faults has one too; there is nobody left to tell.
            _counters.Faults++;
        }
    }

    private IRoutingTable TableOf(IpFamily family, Instant now)
    {
        for (int i = 0; i < _options.Tables.Count; i++)
        {
            IRoutingTable table = _options.Tables[i];
            if (table.Family == family)
            {
                if (table.Self != IdOf(family))
                {
                    table.Rebase(IdOf(family), now);
                }

                return table;
            }
        }

        // Nobody of a family that cannot be asked gets into its table.
        RoutingTableOptions options = _outbox.Reaches(family) ? _options.Table
            : _options.Table with { BucketSize = 1, CacheSize = 0, ExtendedBuckets = false };
        return RoutingTables.Create(_options.TableKind, IdOf(family), family, options, _random);
    }

    private AddressVote MakeVote(IpFamily family) =>
        new(family, _outbox.Policy, _options.ExternalAddressQuorum, perEndpoint: _options.Table.AllowSharedAddresses);

    private KrpcEnvelope EnvelopeForReply(in KrpcMessage query, in Endpoint source) => new()
    {
        Id = IdOf(source.Family),
        TransactionId = query.TransactionId,
        Version = _version,
        Requester = source,
    };
}
