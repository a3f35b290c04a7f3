namespace Dht.Engine.Node;

/// <summary>
/// What you add to a node: handlers, observers, methods of your own, tasks. It may be filled before the node is made
/// and changed while it runs. Thread-safe.
/// </summary>
public sealed class NodeExtensions
{
    /// <summary>Handlers see queries before they are answered.</summary>
    public QueryHandlers Handlers { get; } = new();

    /// <summary>Observers are told of what happens.</summary>
    public NodeObservers Observers { get; } = new();

    /// <summary>Methods of your own.</summary>
    public CustomMethods Methods { get; } = new();

    /// <summary>What the node does from time to time.</summary>
    public NodeTasks Tasks { get; } = new();

    /// <summary>
    /// Told of exceptions that your code threw inside the node; set by whoever drives it. Called on the engine's
    /// thread; what it throws only counts.
    /// </summary>
    public Action<Exception>? OnFault { get; set; }
}
