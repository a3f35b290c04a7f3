namespace Dht.Engine;

/// <summary>The only way into the loop from other threads, and from what runs inside it. Thread-safe.</summary>
internal interface ILoopEntrance
{
    /// <summary>Whether the loop has ended.</summary>
    bool IsStopped { get; }

    /// <summary>Posts a call; false when the mailbox is full or the loop has stopped.</summary>
    bool TryPost(ILoopCall call);
}
