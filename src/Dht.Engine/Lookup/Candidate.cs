using Dht.Engine.Addressing;
using Dht.Engine.Identity;

namespace Dht.Engine.Lookup;

/// <summary>A contact that a search says is to be asked now.</summary>
/// <param name="Handle">
/// Names it in what is reported later: 1 to 2^48 - 1, never the same twice until 2^32 candidates later. The bits above
/// are free for the driver.
/// </param>
/// <param name="Id">The id that it was named with; all zero for an entry point.</param>
/// <param name="Endpoint">Where to ask.</param>
/// <param name="HasId">False for an entry point, of which only the endpoint is known.</param>
internal readonly record struct Candidate(long Handle, NodeId Id, Endpoint Endpoint, bool HasId);
