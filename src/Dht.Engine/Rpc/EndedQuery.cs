using Dht.Engine.Addressing;
using Dht.Engine.Timing;

namespace Dht.Engine.Rpc;

/// <summary>A query that has left the desk, answered or not.</summary>
/// <param name="Query">What its owner kept with it.</param>
/// <param name="Destination">Where it went.</param>
/// <param name="SentAt">When it was sent.</param>
/// <param name="IsLate">Whether it was past its short timeout.</param>
internal readonly record struct EndedQuery<TQuery>(TQuery Query, Endpoint Destination, Instant SentAt, bool IsLate)
    where TQuery : struct, IOpenQuery;
