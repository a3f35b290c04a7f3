using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Testing;

namespace Dht.Engine.Tests.Testing;

public sealed class SimulationDeterminismTests
{
    [Fact]
    public void OneSeed_GivesOneTrace_AndAnotherSeedAnother()
    {
        UInt128 first = Trace(7);
        Assert.NotEqual(UInt128.Zero, first);
        Assert.Equal(first, Trace(7));
        Assert.NotEqual(first, Trace(8));
    }

    private static UInt128 Trace(ulong seed)
    {
        var network = new SimulatedNetwork(new SimulatedNetworkOptions
        {
            Seed = seed,
            Link = new SimulatedLink
            {
                Latency = SimulatedLatency.LogNormal(TimeSpan.FromMilliseconds(80), 0.6) with { Jitter = 0.2 },
                Loss = 0.1,
                Duplication = 0.05,
                Reordering = 0.1,
            },
        });
        network.AddNodes(30);
        network.AddNodes(8, new SimulatedNodeOptions { Families = IpFamily.Both });
        network.AddNodes(2, new SimulatedNodeOptions { Kind = SimulatedNodeKind.Liar });
        network.AddNode(new SimulatedNodeOptions { Kind = SimulatedNodeKind.Flooder });
        network.AddNode(new SimulatedNodeOptions { IsBehindNat = true, UplinkBytesPerSecond = 4000 });
        network.SetChurn(new SimulatedChurn { LeavesPerSecond = 0.3, JoinsPerSecond = 0.3, LiveMin = 10 });
        network.Run(TimeSpan.FromSeconds(20));
        SimulatedLookup lookup = network.Nodes[0].StartLookup(LookupKind.FindNode, NodeId.Random(network.Random));
        network.Run(TimeSpan.FromSeconds(20));
        Assert.True(network.Statistics is { Left: > 0, Joined: > 0, Lost: > 0, Duplicated: > 0, Reordered: > 0 });
        Assert.True(lookup.EndCount <= 1);
        return network.TraceDigest;
    }
}
