namespace Dht.Engine.Rpc;

/// <summary>Whether a datagram could be staged for sending.</summary>
public enum StageResult : byte
{
    /// <summary>There is room and the destination is allowed.</summary>
    Ready,

    /// <summary>The outbox is full; flush it first.</summary>
    Full,

    /// <summary>The address policy refuses the destination, or the socket cannot reach its family.</summary>
    Forbidden,
}
