namespace Dht.Engine.Node;

/// <summary>What a handler decided about a query.</summary>
public enum QueryDecision : byte
{
    /// <summary>
    /// Nothing: the next handler is asked, and after the last the engine answers as it would by itself.
    /// </summary>
    None,

    /// <summary>No packet is sent.</summary>
    Vetoed,

    /// <summary>The handler's own response is sent.</summary>
    Replied,

    /// <summary>An error message is sent.</summary>
    Refused,
}
