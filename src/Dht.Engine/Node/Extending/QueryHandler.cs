namespace Dht.Engine.Node;

/// <summary>
/// Sees queries before they are answered, and may answer instead. Called on the engine's thread. What it throws is
/// counted and reported, and the query goes on as if it had decided nothing, even if it had.
/// </summary>
public delegate void QueryHandler(ref QueryContext context);
