using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

public sealed class NodeLookupAllocationTests
{
    private const int Lookups = 1000;

    [Theory]
    [InlineData(LookupKind.FindNode, 300, 0)]
    [InlineData(LookupKind.GetPeers, 0, 300)]
    [InlineData(LookupKind.Announce, 300, 0)]
    [InlineData(LookupKind.Announce, 200, 200)]
    public void LookupsFromStartToEnd_AllocateNothing(LookupKind kind, int ipv4, int ipv6)
    {
        var world = new World(WorldOptions.Crowd with
        {
            Seed = 40,
            IPv4Count = ipv4,
            IPv6Count = ipv6,
            DeadShare = 0.2,
            SlowShare = 0.1,
            ErrorShare = 0.02,
            DuplicateShare = 0.1,
        });
        var recorder = new LookupRecorder();
        Assert.Equal(0, AllocationGuard.OnThread((world, recorder, kind), static state =>
        {
            for (int i = 0; i < Lookups; i++)
            {
                state.world.Look(state.recorder, state.kind, NodeId.Random(state.world.Random), 6881);
            }
        }));
        Assert.Equal(4 * Lookups, recorder.Ends);
        Assert.True(recorder.Statuses[(int)LookupStatus.Finished] > 4 * Lookups * 9 / 10);
        Assert.True(world.Node.Counters.Timeouts > Lookups && world.Node.Counters.Errors > Lookups);
    }
}
