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

    /// <summary>Peers that the answers named, repetitions included.</summary>
    public int Peers { get; init; }

    /// <summary>Announcements sent.</summary>
    public int AnnouncesSent { get; init; }

    /// <summary>Announcements that were confirmed.</summary>
    public int AnnouncesAccepted { get; init; }

    /// <summary>
    /// From the first query to the answer of the last of the closest. What came after it was waiting for nearer ones
    /// that are silent, and brought nothing.
    /// </summary>
    public TimeSpan Found { get; init; }

    /// <summary>From the first query to the end.</summary>
    public TimeSpan Elapsed { get; init; }
}
