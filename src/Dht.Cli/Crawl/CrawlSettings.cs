using Dht.Cli.Arguments;
using Dht.Cli.Output;
using Dht.Engine.Testing;

namespace Dht.Cli.Crawl;

/// <summary>What the user wants crawled, how, and where the result goes.</summary>
internal sealed record CrawlSettings
{
    public required NetworkSettings Network { get; init; }

    public required OutputSettings Output { get; init; }

    /// <summary>
    /// The embedded swarm to crawl; null crawls the network that <see cref="NetworkSettings.Bootstrap"/> names.
    /// </summary>
    public LoopbackSwarmOptions? Swarm { get; init; }

    /// <summary>Packets per second; null when the user left it open.</summary>
    public long? Rate { get; init; }

    /// <summary>Endpoints never contacted before, per second; null when the user left it open.</summary>
    public long? NewDestinations { get; init; }

    /// <summary>How often a silent node is asked again; null when the user left it open.</summary>
    public long? Retries { get; init; }

    public bool UntilComplete { get; init; }

    public TimeSpan? Duration { get; init; }

    /// <summary>0 means no limit.</summary>
    public long NodesMax { get; init; }

    public string? OutPath { get; init; }

    public NodeFormat? OutFormat { get; init; }

    public ExistingRows Existing { get; init; }
}
