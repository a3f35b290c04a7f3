using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>What we ask of others: writes the queries of a node and takes back those that have ended.</summary>
internal sealed partial class NodeQueries
{
    private readonly QueryDesk<NodeQuery> _desk;
    private readonly NodeFamilies _families;
    private readonly ResponseTimes _times;
    private readonly TimeSpan _timeout;
    private readonly byte[] _version;
    private readonly bool _readOnly;
    private NodeCounters _counters;

    // When a node last answered, if only with an error. While none does, the network is away, and the silent ones are
    // not to blame.
    private Instant _answeredAt = new(long.MinValue);

    /// <param name="options">Settings of the node.</param>
    /// <param name="families">Our ids.</param>
    /// <param name="outbox">Where queries are staged.</param>
    /// <param name="throttle">How many queries one address may have.</param>
    /// <param name="random">For transaction ids.</param>
    public NodeQueries(
        NodeOptions options, NodeFamilies families, Outbox outbox, AddressThrottle throttle, IRandomSource random)
    {
        _desk = new QueryDesk<NodeQuery>(outbox, throttle, options.OpenQueriesMax, random);
        _families = families;
        _times = new ResponseTimes(options.QueryTimeout, asksAgain: options.LookupRepeats > 0);
        _timeout = options.QueryTimeout;
        _version = options.Version.ToArray();
        _readOnly = options.ReadOnly;
        Want = outbox.Want;
    }

    /// <summary>The part of the counters that is about queries of ours.</summary>
    public NodeCounters Counters => _counters;

    /// <summary>Notified of queries that do not leave this machine; set once, by the node.</summary>
    public ISendOwner? SendOwner { get; set; }

    /// <summary>Queries of ours that await an answer.</summary>
    public int Count => _desk.Count;

    /// <summary>Whether more than half of the slots are free.</summary>
    public bool HasAmpleRoom => _desk.Count < _desk.Capacity / 2;

    /// <summary>The families that queries ask for by name.</summary>
    public IpFamily Want { get; }

    /// <summary>When a query is late or expires next.</summary>
    public Instant NextDeadline => _desk.NextDeadline(_times.ShortTimeout, _timeout);

    public AskResult Ping(
        in Endpoint destination,
        in Expectation expected,
        Instant now,
        IQueryListener? listener = null,
        long cookie = 0) => Ping(destination, default, new NodeQuery(expected, listener, cookie), now);

    /// <summary>Pings one that has asked us, from the address of ours that it asked.</summary>
    public AskResult Verify(in Endpoint destination, in Endpoint local, in Expectation expected, Instant now) =>
        Ping(destination, local, new NodeQuery(expected, Listener: null, Cookie: 0), now);

    private AskResult Ping(in Endpoint destination, in Endpoint local, in NodeQuery query, Instant now)
    {
        AskResult result = Open(destination, local, query, now, out OpenedQuery opened);
        if (result == AskResult.Sent)
        {
            Span<byte> id = stackalloc byte[TransactionId.Size];
            Send(KrpcQueries.WritePing(opened.Place, Envelope(id, opened, destination)), opened);
        }

        return result;
    }

    public AskResult FindNode(
        in Endpoint destination,
        in Expectation expected,
        in NodeId target,
        IpFamily want,
        Instant now,
        IQueryListener? listener,
        long cookie)
    {
        AskResult result = Open(destination, new NodeQuery(expected, listener, cookie), now, out OpenedQuery opened);
        if (result == AskResult.Sent)
        {
            Span<byte> id = stackalloc byte[TransactionId.Size];
            Send(KrpcQueries.WriteFindNode(opened.Place, Envelope(id, opened, destination), target, want), opened);
        }

        return result;
    }

    public AskResult GetPeers(
        in Endpoint destination,
        in Expectation expected,
        in InfoHash infoHash,
        IpFamily want,
        Instant now,
        IQueryListener? listener,
        long cookie)
    {
        AskResult result = Open(destination, new NodeQuery(expected, listener, cookie), now, out OpenedQuery opened);
        if (result == AskResult.Sent)
        {
            Span<byte> id = stackalloc byte[TransactionId.Size];
            Send(KrpcQueries.WriteGetPeers(opened.Place, Envelope(id, opened, destination), infoHash, want), opened);
        }

        return result;
    }

    public AskResult AnnouncePeer(
        in Endpoint destination,
        in Expectation expected,
        in InfoHash infoHash,
        ushort port,
        ReadOnlySpan<byte> token,
        Instant now,
        IQueryListener? listener,
        long cookie)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(token.Length, 255, "token.Length");
        AskResult result = Open(destination, new NodeQuery(expected, listener, cookie), now, out OpenedQuery opened);
        if (result == AskResult.Sent)
        {
            Span<byte> id = stackalloc byte[TransactionId.Size];
            ushort said = port == 0 ? _families.Of(destination).Address.Port : port;
            Send(
                KrpcQueries.WriteAnnouncePeer(
                    opened.Place, Envelope(id, opened, destination), infoHash, said, impliedPort: port == 0, token),
                opened);
        }

        return result;
    }

    /// <exception cref="ArgumentException">The query does not fit a datagram, or its keys are out of order.</exception>
    public AskResult Ask<TArguments, TResults>(
        in Endpoint destination,
        CustomMethod<TArguments, TResults> method,
        scoped in TArguments arguments,
        Instant now,
        IQueryListener? listener,
        long cookie)
        where TArguments : IKrpcBody<TArguments>, allows ref struct
        where TResults : IKrpcBody<TResults>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(method);
        var query = new NodeQuery(Expectation.Anybody, listener, cookie);
        AskResult result = Open(destination, query, now, out OpenedQuery opened);
        if (result != AskResult.Sent)
        {
            return result;
        }

        int length = 0;
        try
        {
            Span<byte> id = stackalloc byte[TransactionId.Size];
            length = KrpcQueries.WriteCustom(
                opened.Place, Envelope(id, opened, destination), method.NameBytes, arguments);
        }
        finally
        {
            if (length == 0)
            {
                _desk.Drop(opened);
            }
        }

        if (length == 0)
        {
            throw new ArgumentException(
                $"A query has at most {Outbox.DatagramSizeMax} bytes; these arguments of '{method.Name}' do not fit.",
                nameof(arguments));
        }

        Send(length, opened);
        return result;
    }

    /// <summary>Takes the query that a response or an error ends, and counts what it was.</summary>
    public SettleResult Settle(in KrpcMessage message, in Endpoint source, Instant now, out EndedQuery<NodeQuery> ended)
    {
        SettleResult result = _desk.Settle(message, source, _families.Of(source).Id, out ended);
        switch (result)
        {
            case SettleResult.Response:
                _counters.Responses++;
                _answeredAt = now;
                _times.Add(now - ended.SentAt);
                break;
            case SettleResult.Error:
                _counters.Errors++;
                _answeredAt = now;
                break;
            case SettleResult.WrongSender:
                _counters.WrongId++;
                break;
            case SettleResult.WrongSource:
                _counters.WrongSource++;
                break;
            default:
                _counters.Unexpected++;
                break;
        }

        return result;
    }

    /// <summary>Takes a query whose answer takes unusually long; call until false.</summary>
    public bool TryTakeLate(Instant now, out NodeQuery query, out Endpoint destination) =>
        _desk.TryTakeLate(now - _times.ShortTimeout, out query, out destination);

    /// <summary>Takes a query that was not answered in time; call until false.</summary>
    /// <param name="isCutOff">Whether no node at all has answered since it was sent.</param>
    public bool TryTakeExpired(Instant now, out EndedQuery<NodeQuery> ended, out bool isCutOff) =>
        TryTake(now - _timeout, out ended, out isCutOff);

    /// <summary>Takes back a query that did not leave this machine; false when it has ended already.</summary>
    public bool TryWithdraw(long ticket, out EndedQuery<NodeQuery> ended)
    {
        bool isOpen = _desk.TryWithdraw(ticket, out ended);
        if (isOpen)
        {
            _counters.QueriesSent--;
            _counters.QueriesNotSent++;
        }

        return isOpen;
    }

    /// <summary>From now on no query can be opened.</summary>
    public void Close() => _desk.Close();

    /// <summary>Takes any open query, since no further answer will be taken; call until false.</summary>
    /// <param name="isCutOff">Whether no node at all has answered since it was sent.</param>
    public bool TryTakeAny(out EndedQuery<NodeQuery> ended, out bool isCutOff) =>
        TryTake(Instant.Never, out ended, out isCutOff);

    private bool TryTake(Instant sentBefore, out EndedQuery<NodeQuery> ended, out bool isCutOff)
    {
        isCutOff = false;
        if (!_desk.TryTakeExpired(sentBefore, out ended))
        {
            return false;
        }

        _counters.Timeouts++;
        isCutOff = _answeredAt < ended.SentAt;
        return true;
    }

    private AskResult Open(
        scoped in Endpoint destination, scoped in NodeQuery query, Instant now, out OpenedQuery opened) =>
        Open(destination, default, query, now, out opened);

    private AskResult Open(
        scoped in Endpoint destination,
        scoped in Endpoint local,
        scoped in NodeQuery query,
        Instant now,
        out OpenedQuery opened) =>
        _desk.TryOpen(destination, local, now, query, out opened) switch
        {
            OpenResult.Opened => AskResult.Sent,
            OpenResult.Forbidden => AskResult.Forbidden,
            OpenResult.Throttled => AskResult.Throttled,
            _ => AskResult.Busy,
        };

    private void Send(int length, in OpenedQuery opened)
    {
        Invariant.Holds(length > 0, "every query of ours fits a datagram");
        _desk.Send(length, opened, SendOwner);
        _counters.QueriesSent++;
    }

    private KrpcEnvelope Envelope(Span<byte> bytes, in OpenedQuery opened, in Endpoint destination)
    {
        TransactionId.Write(bytes, opened.Id);
        return new KrpcEnvelope
        {
            Id = _families.Of(destination).Id,
            TransactionId = bytes,
            Version = _version,
            ReadOnly = _readOnly,
        };
    }
}
