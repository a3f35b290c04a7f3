using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Routing;
using Dht.Engine.Testing;

namespace Dht.Engine.Tests.Samples;

/// <summary>What docs/simulation.md shows.</summary>
internal static class SimulationSample
{
    public static void KillHalf()
    {
        // sample: ten nodes
        var network = new SimulatedNetwork(new SimulatedNetworkOptions { Seed = 42 });
        network.AddNodes(10);
        network.Run(TimeSpan.FromMinutes(2));
        Assert.All(network.Nodes, node => Assert.Equal(9, node.Node.ContactCount));

        foreach (SimulatedNode node in network.Nodes.Skip(5))
        {
            network.Kill(node);
        }

        SimulatedLookup lookup = network.Nodes[0].StartLookup(LookupKind.FindNode, NodeId.Random(network.Random));
        Assert.True(network.RunUntil(() => lookup.IsFinished, TimeSpan.FromMinutes(1)));
        IReadOnlyList<SimulatedNode> nearest = network.Nearest(lookup.Report.Target, 8);
        Assert.Equal(
            nearest.Where(node => node != network.Nodes[0]).Select(node => node.Id),
            lookup.Closest.Select(contact => contact.Id));
        // end
    }

    public static UInt128 Weather(ulong seed)
    {
        // sample: weather
        var network = new SimulatedNetwork(new SimulatedNetworkOptions
        {
            Seed = seed,
            Link = new SimulatedLink
            {
                Latency = SimulatedLatency.LogNormal(TimeSpan.FromMilliseconds(100), sigma: 0.5) with { Jitter = 0.1 },
                Loss = 0.03,
                Duplication = 0.01,
                Reordering = 0.05,
            },
        });
        network.AddNodes(40);
        network.AddNodes(5, new SimulatedNodeOptions { Families = IpFamily.Both });
        network.AddNodes(5, new SimulatedNodeOptions { IsBehindNat = true, UplinkBytesPerSecond = 50_000 });
        network.AddNodes(2, new SimulatedNodeOptions { Kind = SimulatedNodeKind.Liar });
        network.SetChurn(new SimulatedChurn { LeavesPerSecond = 0.1, JoinsPerSecond = 0.1, LiveMin = 30 });
        network.Run(TimeSpan.FromMinutes(1));

        network.Partition(node => node.Index % 2);
        network.Run(TimeSpan.FromMinutes(1));
        network.Heal();
        network.SetChurn(null);
        network.Link = new SimulatedLink();
        network.Run(TimeSpan.FromMinutes(1));
        // end
        return network.TraceDigest;
    }

    public static int Watch()
    {
        // sample: one node of yours
        var network = new SimulatedNetwork();
        network.AddNodes(20);
        var extensions = new NodeExtensions();
        var counter = new ContactCounter();
        using Registration registration = extensions.Observers.Add(counter);
        SimulatedNode mine = network.AddNode(new SimulatedNodeOptions
        {
            Extensions = extensions,
            Node = SimulatedNetworkOptions.SmallNode with { TableKind = RoutingTableKind.Mainline },
            Endpoint = Endpoint.Parse("8.8.8.8:6881"),
        });
        network.Run(TimeSpan.FromMinutes(1));
        Assert.Equal(mine.Node.ContactCount, counter.Found);
        // end
        return counter.Found;
    }

    public static long Script()
    {
        // sample: a node that you answer for
        var network = new SimulatedNetwork();
        SimulatedNode neighbour = network.AddNode(new SimulatedNodeOptions
        {
            Kind = SimulatedNodeKind.Scripted,
            Script = static (node, in query, in source, answer) =>
            {
                var envelope = new KrpcEnvelope
                {
                    Id = node.Id,
                    TransactionId = query.TransactionId,
                    Requester = source,
                };
                return query.Method == KrpcMethod.Ping
                    ? KrpcReplies.WritePong(answer, envelope)
                    : KrpcReplies.WriteError(answer, envelope, KrpcErrorCode.MethodUnknown, "no such method"u8);
            },
        });
        SimulatedNode mine = network.AddNode(new SimulatedNodeOptions { Bootstrap = [neighbour.Endpoint] });
        network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(1, mine.Node.Counters.Errors);
        mine.Node.Ping(neighbour.Endpoint, network.Now);
        network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(1, mine.Node.Counters.Responses);
        // end
        return mine.Node.Counters.Responses;
    }

    public static int Crawl()
    {
        // sample: a crawl
        var network = new SimulatedNetwork();
        network.AddNodes(100);
        network.AddNodes(10, new SimulatedNodeOptions { Kind = SimulatedNodeKind.Silent });
        network.Run(TimeSpan.FromMinutes(1));

        SimulatedCrawl crawl = network.AddCrawler(new CrawlOptions { QueriesPerSecond = 50, ReadOnly = true });
        Assert.True(crawl.Run(limit: TimeSpan.FromMinutes(5)));
        Assert.Equal(100, crawl.Found.Count);
        Assert.Equal(0, crawl.Counters.Errors);
        // end
        return crawl.Found.Count;
    }

    public static int Forge()
    {
        // sample: datagrams of your own
        var network = new SimulatedNetwork();
        SimulatedNode mine = network.AddNode();
        var victim = Endpoint.Parse("9.9.9.9:6881");
        var watcher = new Watcher(victim);
        network.Observer = watcher;

        network.Send(victim, mine.Endpoint, "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"u8);
        Assert.True(network.RunUntil(() => watcher.Count == 2, TimeSpan.FromSeconds(1)));
        // end
        return watcher.Count;
    }

    private sealed class ContactCounter : INodeObserver
    {
        public int Found { get; private set; }

        public void OnContactFound(in CompactNode contact) => Found++;
    }

    // sample: an observer
    private sealed class Watcher(Endpoint watched) : ISimulationObserver
    {
        public int Count { get; private set; }

        public void OnSent(in Endpoint source, in Endpoint destination, ReadOnlySpan<byte> datagram) =>
            Count += destination == watched ? 1 : 0;
    }

    // end
}
