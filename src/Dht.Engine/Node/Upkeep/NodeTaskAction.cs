using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// What a node does from time to time. Called on the engine's thread; what it throws is counted and reported.
/// </summary>
/// <param name="node">The node that it is done for.</param>
/// <param name="now">The current instant.</param>
public delegate void NodeTaskAction(IMainlineNode node, Instant now);
