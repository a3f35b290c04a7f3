using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
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
public sealed partial class MainlineNode
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
    private NodeCounters _counters;

    /// <summary>Makes a node.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="outbox">Where it stages what it sends; shared with whoever drives it.</param>
    /// <param name="random">For ids, secrets and keys; cryptographic on a real network.</param>
    /// <param name="now">The present instant.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">Among the tables is none at all, or two are of one family.</exception>
    public MainlineNode(NodeOptions options, Outbox outbox, IRandomSource random, Instant now)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(outbox);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        _options = options;
        _outbox = outbox;
        _random = random;
        _version = options.Version.ToArray();
        Id = options.Id ?? NodeId.Random(random);
        _tableIPv4 = TableOf(AddressKind.IPv4, now);
        _tableIPv6 = TableOf(AddressKind.IPv6, now);
        Peers = options.PeerStore
            ?? new PeerStore(options.InfoHashCapacity, options.PeerCapacity, options.PeersPerInfoHash, random);
        _tokens = new TokenVault(random);
        _transactions = new TransactionTable<NodeQuery>(options.OpenQueriesMax, random);
        var hasher = new EndpointHasher(random.NextUInt64(), random.NextUInt64());
        _answerThrottle = new AddressThrottle(options.AnswersPerSecondPerAddress, options.AnswerBurst, 16_384, hasher);
        _queryThrottle = new AddressThrottle(options.QueriesPerSecondPerAddress, 4, 4_096, hasher);
        _verifyThrottle = new AddressThrottle(1.0 / 60, 1, 4_096, hasher, perPort: true);
        StartUpkeep(now);
    }

    /// <summary>Our id.</summary>
    public NodeId Id { get; }

    /// <summary>Where announced peers are kept.</summary>
    public IPeerStore Peers { get; }

    /// <summary>What it has done so far.</summary>
    public NodeCounters Counters => _counters;

    /// <summary>Contacts of both families.</summary>
    public int ContactCount => _tableIPv4.Count + _tableIPv6.Count;

    /// <summary>Queries of ours that await an answer.</summary>
    public int OpenQueries => _transactions.Count;

    /// <summary>The table of a family.</summary>
    public IRoutingTable Table(AddressKind kind) => kind == AddressKind.IPv6 ? _tableIPv6 : _tableIPv4;

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
        if (message.Kind == KrpcKind.Query)
        {
            Answer(message, source, now);
        }
        else
        {
            Settle(message, source, now);
        }
    }

    private IRoutingTable TableOf(AddressKind kind, Instant now)
    {
        for (int i = 0; i < _options.Tables.Count; i++)
        {
            IRoutingTable table = _options.Tables[i];
            if (table.Kind == kind)
            {
                if (table.Self != Id)
                {
                    table.Rebase(Id, now);
                }

                return table;
            }
        }

        return RoutingTables.Create(_options.TableKind, Id, kind, _options.Table, _random);
    }

    private KrpcEnvelope EnvelopeForReply(in KrpcMessage query, in Endpoint source) => new()
    {
        Id = Id,
        TransactionId = query.TransactionId,
        Version = _version,
        Requester = source,
    };
}
