using Dht.Engine.Node;

namespace Dht.Engine;

/// <content>
/// What a user adds to the engine's node. All of it may be filled before the start, and outlives a stop.
/// </content>
public sealed partial class DhtEngine
{
    /// <summary>Handlers see queries before they are answered, and may answer instead.</summary>
    public QueryHandlers Handlers => _extensions.Handlers;

    /// <summary>Observers are notified of what happens in the node.</summary>
    public NodeObservers Observers => _extensions.Observers;

    /// <summary>Query methods of your own.</summary>
    public CustomMethods Methods => _extensions.Methods;

    /// <summary>What the node does from time to time: the built-in tasks, and yours.</summary>
    public NodeTasks Tasks => _extensions.Tasks;
}
