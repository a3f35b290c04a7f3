namespace Dht.Engine.Rpc;

/// <summary>A query that has a slot and a place in the outbox, and is to be written now.</summary>
/// <param name="place">Room for a largest datagram; good until the outbox is used for anything else.</param>
/// <param name="id">Its transaction id.</param>
internal readonly ref struct OpenedQuery(Span<byte> place, ulong id)
{
    /// <summary>Where to write it.</summary>
    public Span<byte> Place { get; } = place;

    /// <summary>Its transaction id; write it with <see cref="TransactionId.Write"/>.</summary>
    public ulong Id { get; } = id;
}
