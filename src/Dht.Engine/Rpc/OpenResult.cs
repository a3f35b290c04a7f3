namespace Dht.Engine.Rpc;

/// <summary>Whether the desk could open a query.</summary>
internal enum OpenResult : byte
{
    /// <summary>A place in the outbox and a transaction slot are taken.</summary>
    Opened,

    /// <summary>The address policy refuses the destination, or the socket cannot reach its family.</summary>
    Forbidden,

    /// <summary>The destination has had as many queries as one address may have just now.</summary>
    Throttled,

    /// <summary>All transaction slots are taken, the outbox is full, or the desk is closed.</summary>
    Busy,
}
