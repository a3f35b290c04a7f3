using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;
using static Dht.Engine.Tests.Routing.TableFill;

namespace Dht.Engine.Tests.Routing;

public sealed class TableAllocationTests
{
    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void Use_AllocatesNothing(RoutingTableKind kind)
    {
        var random = new SeededRandomSource(81);
        AllocationGuard.AssertNone((table: Make(kind, NodeId.Random(random)), random), static state =>
        {
            Span<byte> room = stackalloc byte[8 * CompactNode.SizeIPv4];
            for (uint i = 0; i < 5_000; i++)
            {
                var now = new Instant(i * 100_000_000L);
                var id = NodeId.Random(state.random);
                state.table.Wants(id, Address(i));
                state.table.Insert(id, Address(i), now);
                state.table.MarkHeard(id, Address(i), now);
                state.table.CopyClosest(id, default, room);
                state.table.TryGetStale(now, out CompactNode stale);
                state.table.MarkFailed(stale.Id, stale.Endpoint);
                state.table.TryGetRefreshTarget(now, state.random, out _);
            }

            int cursor = 0;
            while (state.table.TryGetNext(ref cursor, default, out _))
            {
            }
        });
    }
}
