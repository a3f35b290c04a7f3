using System.Net.Sockets;

namespace Dht.Cli.Joining;

/// <summary>What the counters say about queries that no node has answered as it should.</summary>
internal readonly record struct SilenceFacts
{
    /// <summary>Queries that left this machine.</summary>
    public long Sent { get; init; }

    /// <summary>Queries that the system refused to send.</summary>
    public long NotSent { get; init; }

    /// <summary>What the system said the last time it refused.</summary>
    public SocketError SendError { get; init; }

    /// <summary>Errors in answer to our queries.</summary>
    public long Errors { get; init; }

    /// <summary>What the last of them said; null when that is not known.</summary>
    public ErrorReply? LastError { get; init; }

    /// <summary>Queries that may be answered yet.</summary>
    public long Open { get; init; }

    /// <summary>What came in and was no valid answer: malformed, from the wrong place, with the wrong id.</summary>
    public long Unusable { get; init; }

    /// <summary>How long we have waited, when that was less than the queries may take; null otherwise.</summary>
    public TimeSpan? Within { get; init; }
}
