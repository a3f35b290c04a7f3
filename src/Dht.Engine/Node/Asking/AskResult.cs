namespace Dht.Engine.Node;

/// <summary>Whether a query could be sent.</summary>
public enum AskResult : byte
{
    /// <summary>It is staged; the listener will be notified.</summary>
    Sent,

    /// <summary>The address policy refuses the destination, or the socket cannot reach its family.</summary>
    Forbidden,

    /// <summary>The destination has had as many queries as one address may have just now.</summary>
    Throttled,

    /// <summary>
    /// All transaction slots are taken, or the outbox is full: try again after the next turn of the loop.
    /// </summary>
    Busy,
}
