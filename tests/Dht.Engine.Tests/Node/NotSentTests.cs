using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

/// <summary>A query that the system refused to send was not asked, and is held against nobody.</summary>
public sealed class NotSentTests
{
    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void AQueryThatDoesNotLeave_EndsAtOnce_AndTheContactStays(IpFamily family)
    {
        var world = new World(new WorldOptions { Seed = 5, IPv4Count = 20, IPv6Count = 20, Known = 20 });

        IRoutingTable table = world.Node.Table(family);
        int known = table.Count;
        Assert.True(known > 0, "seed 5: nobody is known");
        Neighbour neighbour = world.Neighbours.First(
            each => each.Family == family && !table.Wants(each.Id, each.Endpoint));
        var listener = new RecordingListener();
        world.Self.SendsPerSecond = 0;
        long sent = world.Node.Counters.QueriesSent;
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(AskResult.Sent, world.Node.Ping(neighbour.Endpoint, world.Now, listener, i));
            world.Run(TimeSpan.FromMilliseconds(300));
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(static i => $"not sent {i}"), listener.Ends);
        Assert.Equal(0, world.Node.Counters.Timeouts);
        Assert.Equal(sent, world.Node.Counters.QueriesSent);
        Assert.Equal(known, table.Count);
        Assert.False(table.Wants(neighbour.Id, neighbour.Endpoint));
    }
}
