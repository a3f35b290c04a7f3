using Dht.Engine.Krpc;

namespace Dht.Engine.Tests.Lookup;

/// <param name="Duration">In median round trips.</param>
internal sealed record SearchResult(double Duration, int Asked, CompactNode[] Closest, Dictionary<Dht.Engine.Addressing.Endpoint, int> AsksOf);
