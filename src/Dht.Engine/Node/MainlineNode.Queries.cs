using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <content>What we ask of others, and what becomes of it.</content>
public sealed partial class MainlineNode
{
    private const int RoundTripsKnownMin = 16;

    private const double ShortTimeoutShare = 0.6;

    private static readonly TimeSpan ShortTimeoutMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortTimeoutAtFirst = TimeSpan.FromSeconds(1);

    private readonly RttHistogram _roundTrips = new();

    // How long most answers take. A lookup asks somebody else, or once more, when one takes longer, but still listens.
    private TimeSpan _shortTimeout = ShortTimeoutAtFirst;
    private bool _isClosing;

    // When somebody last answered. While nobody at all does, the network is away, and those who are silent are not to blame.
    private Instant _answeredAt = new(long.MinValue);
    private bool _isCutOff;

    /// <summary>Asks an endpoint for its id.</summary>
    /// <param name="listener">Told how it ended; null when nobody wants to know.</param>
    /// <param name="cookie">Handed back to the listener.</param>
    public AskResult Ping(in Endpoint destination, Instant now, IQueryListener? listener = null, long cookie = 0)
    {
        AskResult result = Open(destination, now, listener, cookie, out Span<byte> place, out uint id);
        if (result == AskResult.Sent)
        {
            Span<byte> bytes = stackalloc byte[TransactionId.Size];
            _outbox.Commit(KrpcQueries.WritePing(place, EnvelopeForQuery(bytes, id, destination)));
        }

        return result;
    }

    /// <summary>Asks for the contacts nearest to a target.</summary>
    /// <param name="want">Which families; none means that of the destination.</param>
    /// <param name="listener">Told how it ended; null when nobody wants to know.</param>
    /// <param name="cookie">Handed back to the listener.</param>
    public AskResult FindNode(
        in Endpoint destination, in NodeId target, IpFamily want, Instant now, IQueryListener? listener = null, long cookie = 0)
    {
        AskResult result = Open(destination, now, listener, cookie, out Span<byte> place, out uint id);
        if (result == AskResult.Sent)
        {
            Span<byte> bytes = stackalloc byte[TransactionId.Size];
            _outbox.Commit(KrpcQueries.WriteFindNode(place, EnvelopeForQuery(bytes, id, destination), target, want));
        }

        return result;
    }

    /// <summary>Asks for peers of a torrent, or for the contacts nearest to it, and for a token.</summary>
    /// <param name="want">Which families of contacts; none means that of the destination.</param>
    /// <param name="listener">Told how it ended; null when nobody wants to know.</param>
    /// <param name="cookie">Handed back to the listener.</param>
    public AskResult GetPeers(
        in Endpoint destination,
        in InfoHash infoHash,
        IpFamily want,
        Instant now,
        IQueryListener? listener = null,
        long cookie = 0)
    {
        AskResult result = Open(destination, now, listener, cookie, out Span<byte> place, out uint id);
        if (result == AskResult.Sent)
        {
            Span<byte> bytes = stackalloc byte[TransactionId.Size];
            _outbox.Commit(KrpcQueries.WriteGetPeers(place, EnvelopeForQuery(bytes, id, destination), infoHash, want));
        }

        return result;
    }

    /// <summary>Announces that a peer of a torrent listens on a port of our address.</summary>
    /// <param name="port">The port; 0 asks the other side to take the source port of the datagram.</param>
    /// <param name="token">As the destination gave it in answer to get_peers, at most 255 bytes.</param>
    /// <param name="listener">Told how it ended; null when nobody wants to know.</param>
    /// <param name="cookie">Handed back to the listener.</param>
    /// <exception cref="ArgumentOutOfRangeException">The token is longer than 255 bytes.</exception>
    public AskResult AnnouncePeer(
        in Endpoint destination,
        in InfoHash infoHash,
        ushort port,
        ReadOnlySpan<byte> token,
        Instant now,
        IQueryListener? listener = null,
        long cookie = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(token.Length, 255, "token.Length");
        AskResult result = Open(destination, now, listener, cookie, out Span<byte> place, out uint id);
        if (result == AskResult.Sent)
        {
            Span<byte> bytes = stackalloc byte[TransactionId.Size];
            ushort said = port == 0 ? (ushort)1 : port;
            _outbox.Commit(KrpcQueries.WriteAnnouncePeer(place, EnvelopeForQuery(bytes, id, destination), infoHash, said, port == 0, token));
        }

        return result;
    }

    /// <summary>Asks a method of your own.</summary>
    /// <param name="method">Its name and types; read the answer with its TryReadResults.</param>
    /// <param name="arguments">What to ask.</param>
    /// <param name="listener">Told how it ended; null when nobody wants to know.</param>
    /// <param name="cookie">Handed back to the listener.</param>
    /// <exception cref="ArgumentException">The query would be longer than 1,400 bytes, or its keys are out of order.</exception>
    public AskResult Ask<TArguments, TResults>(
        in Endpoint destination,
        CustomMethod<TArguments, TResults> method,
        scoped in TArguments arguments,
        Instant now,
        IQueryListener? listener = null,
        long cookie = 0)
        where TArguments : IKrpcBody<TArguments>, allows ref struct
        where TResults : IKrpcBody<TResults>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(method);
        AskResult result = Open(destination, now, listener, cookie, out Span<byte> place, out uint id);
        if (result != AskResult.Sent)
        {
            return result;
        }

        int slot = _transactions.NewestSlot;
        int length = 0;
        try
        {
            Span<byte> bytes = stackalloc byte[TransactionId.Size];
            length = KrpcQueries.WriteCustom(place, EnvelopeForQuery(bytes, id, destination), method.NameBytes, arguments);
            _outbox.Commit(length);
        }
        finally
        {
            if (length == 0)
            {
                _transactions.Close(slot);
                _counters.QueriesSent--;
            }
        }

        return length > 0 ? result : throw new ArgumentException(
            $"A query has at most {Outbox.DatagramSizeMax} bytes; these arguments of '{method.Name}' do not fit.", nameof(arguments));
    }

    /// <summary>Ends every lookup, and every open query as if its time were up: for a driver that stops.</summary>
    /// <remarks>From then on none can be opened, so that a listener which asks again does not go on for ever.</remarks>
    public void CloseQueries()
    {
        _isClosing = true;
        _lookups.Close(_now);
        ExpireQueries(Instant.Never);
    }

    private AskResult Open(
        in Endpoint destination,
        Instant now,
        IQueryListener? listener,
        long cookie,
        out Span<byte> place,
        out uint id)
    {
        id = 0;
        StageResult stage = _outbox.TryReserve(destination, out place);
        if (stage != StageResult.Ready)
        {
            return stage == StageResult.Forbidden ? AskResult.Forbidden : AskResult.Busy;
        }

        if (_isClosing || _transactions.Count == _transactions.Capacity)
        {
            return AskResult.Busy;
        }

        if (!_queryThrottle.TryPass(destination, now))
        {
            return AskResult.Throttled;
        }

        var query = new NodeQuery { Listener = listener, Cookie = cookie };
        _transactions.TryOpen(destination, now, query, out id);
        _counters.QueriesSent++;
        return AskResult.Sent;
    }

    private KrpcEnvelope EnvelopeForQuery(Span<byte> bytes, uint id, in Endpoint destination)
    {
        TransactionId.Write(bytes, id);
        return new KrpcEnvelope { Id = IdOf(destination.Family), TransactionId = bytes, Version = _version, ReadOnly = _options.ReadOnly };
    }

    /// <summary>A response or an error: finds its query, checks who answers, and tells the listener.</summary>
    private void Settle(in KrpcMessage message, in Endpoint source, Instant now)
    {
        TransactionMatch match = _transactions.TryMatch(message.TransactionId, source, out int slot);
        if (match != TransactionMatch.Found)
        {
            _counters.WrongSource += match == TransactionMatch.WrongSource ? 1 : 0;
            _counters.Unexpected += match == TransactionMatch.Unknown ? 1 : 0;
            return;
        }

        NodeQuery query = _transactions.State(slot);
        TimeSpan roundTrip = now - _transactions.SentAt(slot);
        if (message.Kind == KrpcKind.Error)
        {
            _transactions.Close(slot);
            _counters.Errors++;
            EndWithError(query, message, source);
            return;
        }

        // Only the contact that was asked can end the query; a reply without its id leaves it open until the timeout.
        NodeId sender = message.SenderId;
        if (message.BodyFault != KrpcFault.None || sender == IdOf(source.Family) || (query.InsistsOnId && sender != query.ExpectedId))
        {
            _counters.WrongId++;
            return;
        }

        _transactions.Close(slot);
        _counters.Responses++;
        _answeredAt = now;
        LearnRoundTrip(roundTrip);
        EndWithResponse(query, message, source, roundTrip, now);
    }

    // Whoever waits is told, even if a table, a policy or an observer of the user throws.
    private void EndWithResponse(in NodeQuery query, in KrpcMessage message, in Endpoint source, TimeSpan roundTrip, Instant now)
    {
        if (query.HasExpectedId && query.ExpectedId != message.SenderId)
        {
            MarkFailed(query, source);
        }

        try
        {
            Learn(message, source, now);
        }
        catch (Exception fault)
        {
            Report(fault);
        }

        Extensions.Observers.Response(this, message, source, roundTrip);
        try
        {
            query.Listener?.OnResponse(message, source, roundTrip, query.Cookie);
        }
        catch (Exception fault)
        {
            Report(fault);
        }
    }

    private void EndWithError(in NodeQuery query, in KrpcMessage message, in Endpoint source)
    {
        // A contact that only ever refuses is of no use to those it would be handed to.
        MarkFailed(query, source);
        Extensions.Observers.Error(this, message, source);
        try
        {
            query.Listener?.OnError(message, source, query.Cookie);
        }
        catch (Exception fault)
        {
            Report(fault);
        }
    }

    private void EndWithTimeout(in NodeQuery query, in Endpoint destination)
    {
        MarkFailed(query, destination);
        Extensions.Observers.Timeout(this, destination);
        try
        {
            if (_isClosing)
            {
                query.Listener?.OnStopped(destination, query.Cookie);
            }
            else
            {
                query.Listener?.OnTimeout(destination, query.Cookie);
            }
        }
        catch (Exception fault)
        {
            Report(fault);
        }
    }

    private void MarkFailed(in NodeQuery query, in Endpoint contact)
    {
        if (!query.HasExpectedId)
        {
            return;
        }

        try
        {
            Table(contact.Family).MarkFailed(query.ExpectedId, contact);
            if (!_isCutOff)
            {
                ForgetSaved(query.ExpectedId, contact);
            }
        }
        catch (Exception fault)
        {
            Report(fault);
        }
    }

    private void ExpireQueries(Instant now)
    {
        Instant sentBefore = now == Instant.Never ? now : now - _options.QueryTimeout;
        while (_transactions.TryGetExpired(sentBefore, out int slot))
        {
            NodeQuery query = _transactions.State(slot);
            Endpoint destination = _transactions.Destination(slot);
            _isCutOff = _answeredAt < _transactions.SentAt(slot);
            _transactions.Close(slot);
            _counters.Timeouts++;
            EndWithTimeout(query, destination);
            _isCutOff = false;
        }
    }

    private void LearnRoundTrip(TimeSpan roundTrip)
    {
        _roundTrips.Add(roundTrip);
        if (_roundTrips.Count % RoundTripsKnownMin == 0)
        {
            // Whoever does not ask again must be more patient.
            TimeSpan wait = _options.LookupRepeats > 0 ? _roundTrips.Quantile(ShortTimeoutShare) : _roundTrips.Quantile(0.9) * 1.25;
            _shortTimeout = TimeSpan.FromTicks(Math.Min(Math.Max(wait.Ticks, ShortTimeoutMin.Ticks), _options.QueryTimeout.Ticks));
        }
    }

    /// <summary>Tells those who wait for an answer that takes unusually long.</summary>
    private void NoticeLateQueries(Instant now)
    {
        Instant sentBefore = now - _shortTimeout;
        while (_transactions.TryMarkLate(sentBefore, out int slot))
        {
            NodeQuery query = _transactions.State(slot);
            try
            {
                query.Listener?.OnLate(_transactions.Destination(slot), query.Cookie);
            }
            catch (Exception fault)
            {
                Report(fault);
            }
        }
    }
}
