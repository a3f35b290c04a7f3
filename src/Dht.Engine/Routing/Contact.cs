using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Timing;

namespace Dht.Engine.Routing;

/// <summary>A contact of a table with its health: a copy, which does not change with the table.</summary>
/// <param name="Id">Its id, as it gave it in its answers.</param>
/// <param name="Endpoint">Where it answers.</param>
/// <param name="Health">Its health at the instant that was asked for.</param>
/// <param name="LastAnswered">When it last answered a query of ours.</param>
public readonly record struct Contact(NodeId Id, Endpoint Endpoint, ContactHealth Health, Instant LastAnswered);
