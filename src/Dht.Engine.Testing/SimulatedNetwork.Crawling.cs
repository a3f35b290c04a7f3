using Dht.Engine.Addressing;
using Dht.Engine.Crawling;

namespace Dht.Engine.Testing;

/// <content>Crawls of the network from within.</content>
public sealed partial class SimulatedNetwork
{
    /// <summary>
    /// Adds a crawler: a node of kind <see cref="SimulatedNodeKind.Crawler"/> that asks every node it hears of. It
    /// starts at once: with the next run it asks its bootstrap nodes.
    /// </summary>
    /// <param name="options">
    /// Its settings; null takes the defaults, which are polite towards the public DHT. Without families in them it
    /// crawls those that it has an address of.
    /// </param>
    /// <param name="observer">Notified of what it finds; null for nobody.</param>
    /// <param name="node">
    /// Its endpoint, its families, its bootstrap nodes and its link; null takes an IPv4 endpoint, and bootstrap nodes
    /// that the network chooses. The kind need not be named, and settings of a node of the engine do nothing here.
    /// </param>
    /// <returns>What it finds, filled while the network runs.</returns>
    /// <exception cref="ArgumentException">
    /// Its endpoint is taken or refused by the address policy, another kind is named, or an option makes no sense.
    /// </exception>
    /// <exception cref="InvalidOperationException">There are <see cref="NodesMax"/> already.</exception>
    public SimulatedCrawl AddCrawler(
        CrawlOptions? options = null, ICrawlObserver? observer = null, SimulatedNodeOptions? node = null) =>
        PlaceCrawler(
            options ?? new CrawlOptions(), observer, node ?? new SimulatedNodeOptions(), Options.AddressPolicy);

    /// <summary>Adds a crawler that believes other contacts than the network lets it send to.</summary>
    internal SimulatedCrawl PlaceCrawler(
        CrawlOptions options, ICrawlObserver? observer, SimulatedNodeOptions node, IAddressPolicy policy)
    {
        if (node.Kind is not (SimulatedNodeKind.Honest or SimulatedNodeKind.Crawler))
        {
            throw new ArgumentException($"A crawler is no node of kind {node.Kind}; name no kind.", nameof(node));
        }

        SimulatedNode crawling = CreateNode(node with { Kind = SimulatedNodeKind.Crawler });
        var crawl = new SimulatedCrawl(crawling, options, observer, policy);
        crawling.Crawl = crawl;
        Place(crawling);
        return crawl;
    }
}
