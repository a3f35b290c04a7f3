using Dht.Engine.Addressing;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Rpc;

/// <summary>What a transaction table should do, written slowly.</summary>
internal sealed class TransactionModel(int capacity)
{
    private readonly Dictionary<ulong, Query> _queries = [];
    private long _order;

    public int Count => _queries.Count;

    public int OpenCount => _queries.Values.Count(query => !query.Late);

    public bool IsFull => Count == capacity;

    public IEnumerable<ulong> Ids => _queries.Keys;

    public Query this[ulong id] => _queries[id];

    public bool Contains(ulong id) => _queries.ContainsKey(id);

    public void Open(ulong id, Endpoint destination, Instant now, long state) =>
        _queries.Add(id, new Query(destination, now, state, _order++, Late: false));

    public void Close(ulong id) => _queries.Remove(id);

    public void MarkLate(ulong id) => _queries[id] = _queries[id] with { Late = true };

    /// <summary>
    /// The oldest query, by time; of the same instant the late ones come first, then by order of opening.
    /// </summary>
    public ulong? Oldest(bool openOnly) => _queries
        .Where(entry => !openOnly || !entry.Value.Late)
        .OrderBy(entry => entry.Value.SentAt)
        .ThenByDescending(entry => entry.Value.Late)
        .ThenBy(entry => entry.Value.Order)
        .Select(entry => (ulong?)entry.Key)
        .FirstOrDefault();

    public sealed record Query(Endpoint Destination, Instant SentAt, long State, long Order, bool Late);
}
