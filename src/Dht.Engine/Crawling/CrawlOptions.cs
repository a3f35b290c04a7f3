using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;

namespace Dht.Engine.Crawling;

/// <summary>Settings of a <see cref="Crawler"/>. The defaults are polite towards the public DHT.</summary>
public sealed record CrawlOptions
{
    /// <summary>The id in our queries; null draws a random one.</summary>
    public NodeId? Id { get; init; }

    /// <summary>BEP 43: queries carry <c>ro</c> = 1.</summary>
    public bool ReadOnly { get; init; }

    /// <summary><c>v</c> in our queries. Empty leaves it out.</summary>
    public ReadOnlyMemory<byte> Version { get; init; } = ClientVersion.Default;

    /// <summary>
    /// Which address families to crawl: nodes of others are not believed, and with both, queries ask for both
    /// (<c>want</c>, BEP 32). None means those that the socket reaches, or both where there is no socket.
    /// </summary>
    public IpFamily Families { get; init; }

    /// <summary>Queries sent per second; 0 means no limit: then the window alone paces the crawl.</summary>
    public double QueriesPerSecond { get; init; } = 2000;

    /// <summary>
    /// Endpoints never contacted before, per second; 0 means no limit. Home routers die of flows, not of bandwidth.
    /// </summary>
    public double NewDestinationsPerSecond { get; init; } = 500;

    /// <summary>Queries per second to one IP address; 0 means no limit. Others ban at 5.</summary>
    public double QueriesPerSecondPerAddress { get; init; } = 4;

    /// <summary>
    /// Nodes believed at one IP address; further ports of it are not asked. 0 means no limit. Further attempts at
    /// silent nodes count as well, so that a host that is named with many ports never gets more packets than
    /// this.
    /// </summary>
    public int NodesPerAddressMax { get; init; } = 64;

    /// <summary>How often a node is asked at most while its answers name nodes not met before.</summary>
    public int AsksPerNodeMax { get; init; } = 4;

    /// <summary>
    /// How often a node that answers is asked at least: once near its own id, where its answer is complete, then
    /// farther out, where it leads to other regions. With 1 a crawl is quicker and can miss regions.
    /// </summary>
    public int AsksPerNodeMin { get; init; } = 2;

    /// <summary>How often a node that did not answer is asked again, once nothing else is left to ask.</summary>
    public int SilentRetries { get; init; } = 1;

    /// <summary>
    /// How long to wait while nobody at all answers any more, not even those that have answered before: an outage of
    /// our own. After that the crawl is over, without being complete.
    /// </summary>
    public TimeSpan OfflineMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The most queries in flight; the window stays below.</summary>
    public int InFlightMax { get; init; } = 4096;

    /// <summary>The most nodes remembered, of each address family; at most 2^29.</summary>
    public int KnownNodesMax { get; init; } = 32_000_000;

    /// <summary>Nodes that memory is taken for at the start; beyond it the known set grows as it fills.</summary>
    public int ExpectedNodes { get; init; } = 65_536;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(AsksPerNodeMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(AsksPerNodeMax, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(AsksPerNodeMin, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(AsksPerNodeMin, AsksPerNodeMax);
        ArgumentOutOfRangeException.ThrowIfNegative(SilentRetries);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SilentRetries, CrawlState.RetriesMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(OfflineMax, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(InFlightMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(InFlightMax, 32_768);
        ArgumentOutOfRangeException.ThrowIfLessThan(KnownNodesMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(KnownNodesMax, KnownSet.NodesMax);
        ArgumentOutOfRangeException.ThrowIfNegative(ExpectedNodes);
        Rates.ThrowIfInvalid(QueriesPerSecond);
        Rates.ThrowIfInvalid(NewDestinationsPerSecond);
        Rates.ThrowIfInvalid(QueriesPerSecondPerAddress);
        ArgumentOutOfRangeException.ThrowIfNegative(NodesPerAddressMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(NodesPerAddressMax, 250);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Version.Length, ClientVersion.SizeMax, "Version.Length");
    }
}
