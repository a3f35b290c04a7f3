using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Rpc;

/// <summary>
/// Opens our queries, matches what comes back, and ends those that nobody answers: for the node and the crawler alike.
/// </summary>
/// <remarks>
/// <code>
/// TryOpen -> write into the place -> Send          a query is on its way
///                                 -> Drop          it could not be written
/// Settle (response or error)      -> the query, once, if sender and place are right
/// TryTakeLate, TryTakeExpired     -> call until false: past the short timeout, past the long one
/// </code>
/// Allocates only when created; one thread.
/// </remarks>
/// <typeparam name="TQuery">What the owner wants to find again with the answer.</typeparam>
internal sealed partial class QueryDesk<TQuery>
    where TQuery : struct, IOpenQuery
{
    private readonly Outbox _outbox;
    private readonly AddressThrottle _throttle;
    private readonly TransactionTable<TQuery> _transactions;
    private bool _isClosed;

    /// <param name="outbox">Where queries are staged; it asks the address policy.</param>
    /// <param name="throttle">How many queries one address may have.</param>
    /// <param name="capacity">The most queries open at once.</param>
    /// <param name="random">For transaction ids.</param>
    public QueryDesk(Outbox outbox, AddressThrottle throttle, int capacity, IRandomSource random)
    {
        _outbox = outbox;
        _throttle = throttle;
        _transactions = new TransactionTable<TQuery>(capacity, random);
    }

    /// <summary>Queries that await an answer, the late ones included.</summary>
    public int Count => _transactions.Count;

    /// <summary>Queries within their short timeout.</summary>
    public int OpenCount => _transactions.OpenCount;

    /// <summary>The most queries open at once.</summary>
    public int Capacity => _transactions.Capacity;

    /// <inheritdoc cref="TryOpen(in Endpoint, in Endpoint, Instant, in TQuery, out OpenedQuery)"/>
    public OpenResult TryOpen(
        scoped in Endpoint destination, Instant now, scoped in TQuery query, out OpenedQuery opened) =>
        TryOpen(destination, default, now, query, out opened);

    /// <summary>
    /// Takes a slot and a place in the outbox for a query; follow with <see cref="Send"/> or <see cref="Drop"/>.
    /// </summary>
    /// <param name="destination">Where the query goes.</param>
    /// <param name="source">The address of ours that it leaves from; of no family: any.</param>
    /// <param name="now">The current instant.</param>
    /// <param name="query">What comes back with its end.</param>
    /// <param name="opened">
    /// On <see cref="OpenResult.Opened"/>, where to write the query and its transaction id.
    /// </param>
    public OpenResult TryOpen(
        scoped in Endpoint destination,
        scoped in Endpoint source,
        Instant now,
        scoped in TQuery query,
        out OpenedQuery opened)
    {
        opened = default;
        StageResult stage = _outbox.TryReserve(destination, source, out Span<byte> place);
        if (stage != StageResult.Ready)
        {
            return stage == StageResult.Forbidden ? OpenResult.Forbidden : OpenResult.Busy;
        }

        if (_isClosed || _transactions.Count == _transactions.Capacity)
        {
            return OpenResult.Busy;
        }

        if (!_throttle.TryPass(destination, now))
        {
            return OpenResult.Throttled;
        }

        bool hasSlot = _transactions.TryOpen(destination, now, query, out ulong id);
        Invariant.Holds(hasSlot, "a desk with fewer queries than slots has a free one");
        opened = new OpenedQuery(place, id);
        return OpenResult.Opened;
    }

    /// <summary>Stages a query that has been written.</summary>
    /// <param name="length">Its bytes, at least 1.</param>
    /// <param name="opened">The query.</param>
    /// <param name="owner">
    /// Notified should the query not leave this machine, with a ticket for <see cref="TryWithdraw"/>.
    /// </param>
    public void Send(int length, in OpenedQuery opened, ISendOwner? owner)
    {
        Invariant.Holds(length > 0, "a query that is sent has been written");
        _outbox.Commit(length, owner, (long)opened.Id);
    }

    /// <summary>Gives back the slot of a query that could not be written; the place in the outbox is let go.</summary>
    public void Drop(in OpenedQuery opened) => _transactions.Close(_transactions.SlotOf(opened.Id));

    /// <summary>Takes back a query that did not leave this machine: nobody was asked.</summary>
    /// <returns>False when it has ended already.</returns>
    public bool TryWithdraw(long ticket, out EndedQuery<TQuery> ended)
    {
        bool isOpen = _transactions.TryFind((ulong)ticket, out int slot);
        ended = isOpen ? Close(slot) : default;
        return isOpen;
    }

    /// <summary>Takes the query that a response or an error ends.</summary>
    /// <param name="message">Not a query.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="self">Our id: an answer with it is our own, reflected.</param>
    /// <param name="ended">
    /// On <see cref="SettleResult.Response"/> and <see cref="SettleResult.Error"/>, the query.
    /// </param>
    public SettleResult Settle(in KrpcMessage message, in Endpoint source, in NodeId self, out EndedQuery<TQuery> ended)
    {
        ended = default;
        TransactionMatch match = _transactions.TryMatch(message.TransactionId, source, out int slot);
        if (match != TransactionMatch.Found)
        {
            return match == TransactionMatch.WrongSource ? SettleResult.WrongSource : SettleResult.Unknown;
        }

        bool isError = message.Kind == KrpcKind.Error;
        if (!isError && !IsFromWhoWasAsked(message, self, _transactions.State(slot)))
        {
            return SettleResult.WrongSender;
        }

        ended = Close(slot);
        return isError ? SettleResult.Error : SettleResult.Response;
    }

    /// <summary>
    /// Takes the oldest query that was sent at or before an instant, and is not late yet; it is late from now on, and
    /// may still be answered. False when there is none: call until then.
    /// </summary>
    public bool TryTakeLate(Instant sentBefore, out TQuery query, out Endpoint destination)
    {
        if (!_transactions.TryMarkLate(sentBefore, out int slot))
        {
            query = default;
            destination = default;
            return false;
        }

        query = _transactions.State(slot);
        destination = _transactions.Destination(slot);
        return true;
    }

    /// <summary>
    /// Ends the oldest query that was sent at or before an instant; false when there is none: call until then.
    /// </summary>
    public bool TryTakeExpired(Instant sentBefore, out EndedQuery<TQuery> ended)
    {
        bool isExpired = _transactions.TryGetExpired(sentBefore, out int slot);
        ended = isExpired ? Close(slot) : default;
        return isExpired;
    }

    /// <summary>When the next query is late or expires; <see cref="Instant.Never"/> while none is open.</summary>
    public Instant NextDeadline(TimeSpan shortTimeout, TimeSpan longTimeout) => Instant.Min(
        _transactions.OldestOpenSentAt() + shortTimeout, _transactions.OldestSentAt() + longTimeout);

    /// <summary>From now on nothing can be opened.</summary>
    public void Close() => _isClosed = true;

    // Only the contact that was asked can end the query; a response without its id leaves it open until the timeout.
    private static bool IsFromWhoWasAsked(in KrpcMessage message, in NodeId self, in TQuery query)
    {
        NodeId sender = message.SenderId;
        return message.BodyFault == KrpcBodyFault.None && sender != self && query.Accepts(sender);
    }

    private EndedQuery<TQuery> Close(int slot)
    {
        var ended = new EndedQuery<TQuery>(
            _transactions.State(slot),
            _transactions.Destination(slot),
            _transactions.SentAt(slot),
            _transactions.IsLate(slot));
        _transactions.Close(slot);
        return ended;
    }
}
