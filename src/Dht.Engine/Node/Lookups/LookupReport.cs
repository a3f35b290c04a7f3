using Dht.Engine.Identity;

namespace Dht.Engine.Node;

/// <summary>How a lookup went.</summary>
public readonly record struct LookupReport
{
    /// <summary>What it was for.</summary>
    public LookupKind Kind { get; init; }

    /// <summary>How it ended.</summary>
    public LookupStatus Status { get; init; }

    /// <summary>What was searched for; of a torrent its infohash.</summary>
    public NodeId Target { get; init; }

    /// <summary>Queries sent, the announcements not included.</summary>
    public int Asked { get; init; }

    /// <summary>How many answered.</summary>
    public int Answered { get; init; }

    /// <summary>Queries answered with an error, announcements too.</summary>
    public int Refusals { get; init; }

    /// <summary>The code of the last of these errors; 0 when there was none, or it had none.</summary>
    public int LastErrorCode { get; init; }

    /// <summary>Queries that the system refused to send.</summary>
    public int NotSent { get; init; }

    /// <summary>
    /// Peers that the answers named and the address policy allows, repetitions included: several nodes name the same.
    /// </summary>
    public int Peers { get; init; }

    /// <summary>
    /// Contacts and peers in answers that the address policy refuses, such as private addresses and port 0; repetitions
    /// included. They were neither asked nor counted as peers.
    /// </summary>
    public int Bogons { get; init; }

    /// <summary>Nodes to which an announcement was sent.</summary>
    public int AnnouncesSent { get; init; }

    /// <summary>Nodes that confirmed it.</summary>
    public int AnnouncesAccepted { get; init; }

    /// <summary>
    /// From the first query to the answer of the last of the closest. What came after it was waiting for nearer ones
    /// that are silent, and brought nothing.
    /// </summary>
    public TimeSpan Found { get; init; }

    /// <summary>From the first query to the end.</summary>
    public TimeSpan Elapsed { get; init; }
}
