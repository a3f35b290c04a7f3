namespace Dht.Engine.Node;

/// <summary>What a handler decided about a query.</summary>
public enum QueryDecision : byte
{
    /// <summary>
    /// Nothing: the next handler is asked, and behind the last the engine answers as it would by itself.
    /// </summary>
    None,

    /// <summary>No packet at all is sent.</summary>
    Vetoed,

    /// <summary>The handler's own response is sent.</summary>
    Replied,

    /// <summary>An error message is sent.</summary>
    Refused,
}
