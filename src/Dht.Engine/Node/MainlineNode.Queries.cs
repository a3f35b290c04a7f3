using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <content>What we ask of others, and what becomes of it.</content>
public sealed partial class MainlineNode
{
    private bool _isClosing;

    /// <summary>Asks an endpoint for its id.</summary>
    /// <param name="listener">Told how it ended; null when nobody wants to know.</param>
    /// <param name="cookie">Handed back to the listener.</param>
    public AskResult Ping(in Endpoint destination, Instant now, IQueryListener? listener = null, long cookie = 0)
    {
        AskResult result = Open(destination, KrpcMethod.Ping, now, listener, cookie, out Span<byte> place, out uint id);
        if (result == AskResult.Sent)
        {
            Span<byte> bytes = stackalloc byte[TransactionId.Size];
            _outbox.Commit(KrpcQueries.WritePing(place, EnvelopeForQuery(bytes, id)));
        }

        return result;
    }

    /// <summary>Asks for the contacts nearest to a target.</summary>
    /// <param name="want">Which families; none means that of the destination.</param>
    /// <param name="listener">Told how it ended; null when nobody wants to know.</param>
    /// <param name="cookie">Handed back to the listener.</param>
    public AskResult FindNode(
        in Endpoint destination, in NodeId target, ContactFamilies want, Instant now, IQueryListener? listener = null, long cookie = 0)
    {
        AskResult result = Open(destination, KrpcMethod.FindNode, now, listener, cookie, out Span<byte> place, out uint id);
        if (result == AskResult.Sent)
        {
            Span<byte> bytes = stackalloc byte[TransactionId.Size];
            _outbox.Commit(KrpcQueries.WriteFindNode(place, EnvelopeForQuery(bytes, id), target, want));
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
        ContactFamilies want,
        Instant now,
        IQueryListener? listener = null,
        long cookie = 0)
    {
        AskResult result = Open(destination, KrpcMethod.GetPeers, now, listener, cookie, out Span<byte> place, out uint id);
        if (result == AskResult.Sent)
        {
            Span<byte> bytes = stackalloc byte[TransactionId.Size];
            _outbox.Commit(KrpcQueries.WriteGetPeers(place, EnvelopeForQuery(bytes, id), infoHash, want));
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
        AskResult result = Open(destination, KrpcMethod.AnnouncePeer, now, listener, cookie, out Span<byte> place, out uint id);
        if (result == AskResult.Sent)
        {
            Span<byte> bytes = stackalloc byte[TransactionId.Size];
            ushort said = port == 0 ? (ushort)1 : port;
            _outbox.Commit(KrpcQueries.WriteAnnouncePeer(place, EnvelopeForQuery(bytes, id), infoHash, said, port == 0, token));
        }

        return result;
    }

    /// <summary>Ends every open query as if its time were up: for a driver that stops.</summary>
    /// <remarks>From then on none can be opened, so that a listener which asks again does not go on for ever.</remarks>
    public void CloseQueries()
    {
        _isClosing = true;
        ExpireQueries(Instant.Never);
    }

    private AskResult Open(
        in Endpoint destination,
        KrpcMethod method,
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

        var query = new NodeQuery { Listener = listener, Cookie = cookie, Method = method };
        _transactions.TryOpen(destination, now, query, out id);
        _counters.QueriesSent++;
        return AskResult.Sent;
    }

    private KrpcEnvelope EnvelopeForQuery(Span<byte> bytes, uint id)
    {
        TransactionId.Write(bytes, id);
        return new KrpcEnvelope { Id = Id, TransactionId = bytes, Version = _version, ReadOnly = _options.ReadOnly };
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
            try
            {
                // A contact that only ever refuses is of no use to those it would be handed to.
                MarkFailed(query, source);
            }
            finally
            {
                query.Listener?.OnError(message, source, query.Cookie);
            }

            return;
        }

        // Only the contact that was asked can end the query; a reply without its id leaves it open until the timeout.
        NodeId sender = message.SenderId;
        if (message.BodyFault != KrpcFault.None || sender == Id || (query.HasExpectedId && sender != query.ExpectedId))
        {
            _counters.WrongId++;
            return;
        }

        _transactions.Close(slot);
        _counters.Responses++;
        try
        {
            if (!IsRouter(source))
            {
                Table(source.Kind).Insert(sender, source, now);
            }

            ConsiderContacts(message.Nodes, now);
            ConsiderContacts(message.Nodes6, now);
        }
        finally
        {
            // Whoever waits is told, even if a table or a policy of the user throws.
            query.Listener?.OnResponse(message, source, roundTrip, query.Cookie);
        }
    }

    private void MarkFailed(in NodeQuery query, in Endpoint contact)
    {
        if (query.HasExpectedId)
        {
            Table(contact.Kind).MarkFailed(query.ExpectedId, contact);
        }
    }

    private void ExpireQueries(Instant now)
    {
        Instant sentBefore = now == Instant.Never ? now : now - _options.QueryTimeout;
        while (_transactions.TryGetExpired(sentBefore, out int slot))
        {
            NodeQuery query = _transactions.State(slot);
            Endpoint destination = _transactions.Destination(slot);
            _transactions.Close(slot);
            _counters.Timeouts++;
            try
            {
                MarkFailed(query, destination);
            }
            finally
            {
                query.Listener?.OnTimeout(destination, query.Cookie);
            }
        }
    }
}
