using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Routing;
using Dht.Engine.Testing;

namespace Dht.Engine.Tests.Testing;

/// <summary>First safety while everything goes wrong, then liveness when it stops.</summary>
public sealed class SimulationFaultTests
{
    private const int K = 8;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // Without the long tail of the default, in which a lookup may rightly give up on a node.
    private static readonly SimulatedLink Good = new()
    {
        Latency = SimulatedLatency.Uniform(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(150)),
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void UnderFaultsNothingBreaks_AndWhenTheyStopTheNetworkIsWhole(ulong seed)
    {
        SimulatedNetwork network = Wild(seed);
        Ids ids = new(network);
        List<SimulatedLookup> lookups = RunUnderFaults(network, ids);
        string at = $"seed {seed}";
        Assert.True(network.LastFault == null, $"{at}: {network.LastFault}");
        Assert.True(lookups.TrueForAll(static lookup => lookup.EndCount <= 1), $"{at}: a lookup ended twice");

        Calm(network);
        network.Run(TimeSpan.FromSeconds(65));
        Assert.True(lookups.TrueForAll(static lookup => lookup.EndCount == 1), $"{at}: a lookup did not end");
        Assert.True(
            lookups.Exists(static lookup => lookup.Report.Status == LookupStatus.Finished),
            $"{at}: no lookup found anything");

        network.Run(TimeSpan.FromMinutes(30));
        Assert.True(network.LastFault == null, $"{at}: {network.LastFault}");
        AssertTablesAreWhole(network, at);
        AssertLookupsAreExact(network, at);
    }

    [Theory]
    [InlineData(3)]
    public void HalvesThatWereApart_FindEachOtherAgain(ulong seed)
    {
        var network = new SimulatedNetwork(new SimulatedNetworkOptions { Seed = seed, Link = Good });
        network.AddNodes(60);
        network.Run(TimeSpan.FromMinutes(3));
        network.Partition(static node => node.Index % 2);
        network.Run(TimeSpan.FromMinutes(3));

        // A lookup meets only its own side.
        SimulatedLookup apart = network.Nodes[0].StartLookup(LookupKind.FindNode, NodeId.Random(network.Random));
        network.Run(TimeSpan.FromSeconds(65));
        Assert.All(apart.Closest, contact => Assert.Equal(0, NodeAt(network, contact.Endpoint).Index % 2));

        network.Heal();
        network.Run(TimeSpan.FromMinutes(30));
        AssertLookupsAreExact(network, $"seed {seed}");
    }

    private static SimulatedNetwork Wild(ulong seed)
    {
        var network = new SimulatedNetwork(new SimulatedNetworkOptions { Seed = seed, InFlightMax = 20_000 });
        network.AddNodes(30);
        network.AddNodes(10, new SimulatedNodeOptions { IsPermanent = true });
        network.AddNodes(10, new SimulatedNodeOptions { Families = IpFamily.Both });
        network.AddNodes(4, new SimulatedNodeOptions { Families = IpFamily.IPv6 });
        network.AddNodes(5, new SimulatedNodeOptions { IsBehindNat = true, UplinkBytesPerSecond = 20_000 });
        network.Run(20 * Second);
        network.AddNodes(3, new SimulatedNodeOptions { Kind = SimulatedNodeKind.Liar });
        network.AddNodes(2, new SimulatedNodeOptions { Kind = SimulatedNodeKind.Silent });
        network.AddNodes(2, new SimulatedNodeOptions { Kind = SimulatedNodeKind.Tarpit });
        network.AddNode(new SimulatedNodeOptions { Kind = SimulatedNodeKind.Flooder });
        network.Link = new SimulatedLink { Loss = 0.2, Duplication = 0.1, Reordering = 0.2, DelayMax = 2 * Second };
        network.SetChurn(new SimulatedChurn { LeavesPerSecond = 0.2, JoinsPerSecond = 0.15, LiveMin = 30 });
        return network;
    }

    private static List<SimulatedLookup> RunUnderFaults(SimulatedNetwork network, Ids ids)
    {
        var lookups = new List<SimulatedLookup>();
        for (int second = 0; second < 90; second++)
        {
            if (second % 30 == 20)
            {
                network.Partition(node => node.Index % 3 == second % 2 ? 1 : 0);
            }
            else if (second % 30 == 0)
            {
                network.Heal();
            }

            SimulatedNode node = network.Nodes[30 + network.Random.Next(10)];
            var kind = (LookupKind)network.Random.Next(3);
            lookups.Add(node.StartLookup(kind, NodeId.Random(network.Random), 6881));
            network.Run(Second);
            ids.Note();
            ids.AssertKnownContactsAreReal();
        }

        return lookups;
    }

    private static void Calm(SimulatedNetwork network)
    {
        network.Heal();
        network.Link = Good;
        network.SetChurn(null);
        foreach (SimulatedNode node in network.Nodes)
        {
            if (node.Kind != SimulatedNodeKind.Honest)
            {
                network.Kill(node);
            }
            else if (!node.IsAlive)
            {
                network.Restart(node);
            }
        }
    }

    /// <summary>
    /// Every live node knows others, as many as a network of this size lets it, and all of them are there.
    /// </summary>
    private static void AssertTablesAreWhole(SimulatedNetwork network, string at)
    {
        foreach (SimulatedNode node in network.Nodes.Where(static node => node.IsAlive))
        {
            foreach (IpFamily family in (IpFamily[])[IpFamily.IPv4, IpFamily.IPv6])
            {
                if (node.EndpointOf(family).Family == IpFamily.None)
                {
                    continue;
                }

                Contact[] contacts = [.. Contacts(node, family)];
                int gone = contacts.Count(contact => !IsThere(network, contact));
                Assert.True(
                    contacts.Length >= 10 && gone == 0, $"{at}: {node} knows {contacts.Length}, {gone} of them gone");
            }
        }
    }

    private static void AssertLookupsAreExact(SimulatedNetwork network, string at)
    {
        foreach (SimulatedNode node in network.Nodes.Where(static node => node.IsAlive && node.Endpoint.IsIPv4))
        {
            SimulatedLookup lookup = node.StartLookup(LookupKind.FindNode, NodeId.Random(network.Random));
            Assert.True(
                network.RunUntil(() => lookup.IsFinished, TimeSpan.FromSeconds(65)),
                $"{at}: a lookup of {node} does not end");

            // No node reaches one behind a NAT, so none finds it.
            CompactNode[] expected = [.. network.Nearest(lookup.Report.Target, 2 * K)
                .Where(near => near != node && !near.Options.IsBehindNat).Take(K).Select(
                    static near => new CompactNode(near.Id, near.Endpoint))];
            CompactNode[] found = [.. lookup.Closest.Where(
                contact => contact.Endpoint.IsIPv4 && !NodeAt(network, contact.Endpoint).Options.IsBehindNat)];
            Assert.True(
                found.AsSpan(0, Math.Min(found.Length, K)).SequenceEqual(expected.AsSpan(0, found.Length))
                    && found.Length >= 1,
                $"{at}: {node} found {found.Length}, not the nearest");
        }
    }

    private static IEnumerable<Contact> Contacts(SimulatedNode node, IpFamily family)
    {
        IRoutingTable table = node.Node.Table(family);
        int cursor = 0;
        while (table.TryGetNext(ref cursor, node.Network.Now, out Contact contact))
        {
            yield return contact;
        }
    }

    private static bool IsThere(SimulatedNetwork network, in Contact contact) =>
        network.TryGetNode(contact.Endpoint, out SimulatedNode? node) && node!.IsAlive
            && node.IdOf(contact.Endpoint.Family) == contact.Id;

    private static SimulatedNode NodeAt(SimulatedNetwork network, in Endpoint endpoint)
    {
        Assert.True(network.TryGetNode(endpoint, out SimulatedNode? node));
        return node!;
    }

    /// <summary>The ids that each endpoint has ever had: a node that knows another has believed a liar.</summary>
    private sealed class Ids(SimulatedNetwork network)
    {
        private readonly HashSet<(Endpoint, NodeId)> _all = [];

        public void Note()
        {
            foreach (SimulatedNode node in network.Nodes)
            {
                _all.Add((node.EndpointOf(IpFamily.IPv4), node.IdOf(IpFamily.IPv4)));
                _all.Add((node.EndpointOf(IpFamily.IPv6), node.IdOf(IpFamily.IPv6)));
            }
        }

        public void AssertKnownContactsAreReal()
        {
            foreach (SimulatedNode node in network.Nodes)
            {
                if (!node.IsAlive || node.Kind is not (SimulatedNodeKind.Honest or SimulatedNodeKind.Tarpit))
                {
                    continue;
                }

                Assert.True(node.Node.OpenQueries <= SimulatedNetworkOptions.SmallNode.OpenQueriesMax);
                foreach (Contact contact in Contacts(node, IpFamily.IPv4).Concat(Contacts(node, IpFamily.IPv6)))
                {
                    Assert.True(
                        _all.Contains((contact.Endpoint, contact.Id)),
                        $"seed {network.Options.Seed}: {node} believes in {contact}");
                }
            }
        }
    }
}
