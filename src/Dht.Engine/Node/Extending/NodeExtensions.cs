namespace Dht.Engine.Node;

/// <summary>
/// What you add to a node: handlers, observers, methods of your own, tasks. It may be filled before the node is
/// created and changed while it runs. Thread-safe.
/// </summary>
public sealed class NodeExtensions
{
    /// <summary>Handlers see queries before they are answered.</summary>
    public QueryHandlers Handlers { get; } = new();

    /// <summary>Observers are notified of what happens.</summary>
    public NodeObservers Observers { get; } = new();

    /// <summary>Methods of your own.</summary>
    public CustomMethods Methods { get; } = new();

    /// <summary>What the node does from time to time.</summary>
    public NodeTasks Tasks { get; } = new();

    /// <summary>
    /// Notified of exceptions that your code threw inside the node; set by the driver of the node. Called on the
    /// engine's thread; what it throws itself is only counted.
    /// </summary>
    public Action<Exception>? OnFault { get; set; }
}
