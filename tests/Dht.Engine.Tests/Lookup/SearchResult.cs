using Dht.Engine.Addressing;
using Dht.Engine.Krpc;

namespace Dht.Engine.Tests.Lookup;

/// <summary>What came of a search.</summary>
/// <param name="Duration">In median round trips.</param>
/// <param name="Asked">Queries sent.</param>
/// <param name="Closest">Nearest first.</param>
/// <param name="AsksOf">Queries sent to each endpoint.</param>
/// <param name="Named">All that the own table and the replies named.</param>
internal sealed record SearchResult(
    double Duration, int Asked, CompactNode[] Closest, Dictionary<Endpoint, int> AsksOf, HashSet<Endpoint> Named);
