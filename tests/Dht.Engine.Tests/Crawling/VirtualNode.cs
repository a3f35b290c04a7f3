using Dht.Engine.Addressing;
using Dht.Engine.Identity;

namespace Dht.Engine.Tests.Crawling;

/// <summary>A node of a <see cref="Population"/>.</summary>
internal sealed class VirtualNode
{
    public required Endpoint Endpoint { get; init; }

    public required NodeId Id { get; init; }

    public bool IsDead { get; set; }

    /// <summary>Round trip from the crawler and back.</summary>
    public TimeSpan RoundTrip { get; set; }

    /// <summary>How often it was asked.</summary>
    public int Asked { get; set; }

    /// <summary>The families that the last query to it asked for by name.</summary>
    public IpFamily LastWant { get; set; }

    /// <summary>Changes its answers; null is an honest node.</summary>
    public Action<VirtualAnswer>? Trick { get; set; }

    /// <summary>Its routing table, created when it is first asked.</summary>
    public VirtualNode[]? Contacts { get; set; }
}
