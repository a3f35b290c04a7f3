using Dht.Engine.Addressing;
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

    private sealed class ContactCounter : INodeObserver
    {
        public int Found { get; private set; }

        public void OnContactFound(in CompactNode contact) => Found++;
    }
}
