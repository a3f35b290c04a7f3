namespace Dht.Engine.Invariants;

/// <summary>The engine's own state is broken: a fault of the engine, never of a user or of a datagram.</summary>
internal sealed class InvariantException(string message) : Exception(message);
