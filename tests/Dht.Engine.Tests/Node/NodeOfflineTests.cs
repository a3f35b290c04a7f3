using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

public sealed class NodeOfflineTests
{
    [Fact]
    public void ContactsOfAnEarlierRunOutliveAStartWithoutANetwork()
    {
        World world = Create(50);
        CompactNode[] contacts = [.. world.Neighbours.Select(static neighbour => neighbour.Contact)];
        world.Node.AddSaved(new NodeState { Contacts = contacts });
        world.Neighbours.SetAllDead(true);
        world.Run(TimeSpan.FromMinutes(20));
        Assert.Equal(50, world.Node.CaptureState(world.Now).Contacts.Count);
        world.Neighbours.SetAllDead(false);
        world.Run(TimeSpan.FromMinutes(2));
        Assert.InRange(world.Node.ContactCount, 8, 50);
    }

    [Fact]
    public void ATableSurvivesAnHourWithoutANetwork()
    {
        World world = Create(100);
        world.Node.AddBootstrap(world.Neighbours[0].Endpoint);
        world.Run(TimeSpan.FromMinutes(5));
        int known = world.Node.ContactCount;
        world.Neighbours.SetAllDead(true);
        world.Run(TimeSpan.FromHours(1));
        int saved = world.Node.CaptureState(world.Now).Contacts.Count;
        world.Neighbours.SetAllDead(false);

        // The only bootstrap node has gone for good meanwhile.
        world.Neighbours[0].IsDead = true;
        world.Run(TimeSpan.FromMinutes(3));
        int after = world.Node.ContactCount;
        Assert.True(saved >= 8 && after >= 8, $"known {known}, saved {saved}, after {after}");
    }

    [Fact]
    public void ALongListOfDeadBootstrapNodesDoesNotHideTheOneThatLives()
    {
        World world = Create(40);
        foreach (Neighbour neighbour in world.Neighbours)
        {
            world.Node.AddBootstrap(neighbour.Endpoint);
            neighbour.IsDead = neighbour != world.Neighbours[39];
        }

        world.Run(TimeSpan.FromMinutes(10));
        HashSet<Endpoint> asked = [.. world.Sent.Select(static sent => sent.To)];
        Assert.True(asked.Contains(world.Neighbours[39].Endpoint), $"asked {asked.Count} of 40");
    }

    [Fact]
    public void EachFamilySearchesAroundItsOwnId()
    {
        NodeId id4 = NodeId.Parse("0123456789012345678901234567890123456789");
        NodeId id6 = NodeId.Parse("f123456789012345678901234567890123456789");
        var world = new World(new WorldOptions
        {
            IPv4Count = 60,
            IPv6Count = 60,
            KeepsUpkeep = true,
            Records = true,
            Node = new NodeOptions { Id = id4, IdIPv6 = id6, DeriveId = false },
        });
        world.Node.AddRouter(world.Neighbours[0].Endpoint);
        world.Node.AddRouter(world.Neighbours[60].Endpoint);
        world.Run(TimeSpan.FromMinutes(10));
        int near4 = world.Sent.Count(sent => !sent.To.IsIPv6 && TargetOf(sent.Datagram).CommonPrefixLength(id4) > 64);
        int near6 = world.Sent.Count(sent => sent.To.IsIPv6 && TargetOf(sent.Datagram).CommonPrefixLength(id6) > 64);
        Assert.True(near4 > 0 && near6 > 0, $"IPv4 {near4}, IPv6 {near6}");
    }

    [Fact]
    public void AFamilyWithoutARouteDoesNotMakeTheOtherBusy()
    {
        int quiet = QueriesPerHour(false);
        int broken = QueriesPerHour(true);
        Assert.True(
            broken < quiet + 300,
            $"queries in an hour: {quiet} with IPv4 alone, {broken} with an IPv6 router that is silent");
    }

    private static int QueriesPerHour(bool addsSilentIPv6)
    {
        World world = Create(200);
        world.Node.AddRouter(world.Neighbours[0].Endpoint);
        if (addsSilentIPv6)
        {
            world.Node.AddRouter(Endpoint.Parse("[2a00:1450::1]:6881"));
        }

        world.Run(TimeSpan.FromMinutes(30));
        int before = world.Queries.Sum();
        world.Run(TimeSpan.FromMinutes(60));
        return world.Queries.Sum() - before;
    }

    /// <summary>A node that reaches both families, and IPv4 neighbours of which it knows none yet.</summary>
    private static World Create(int neighbours) => new(new WorldOptions
    {
        IPv4Count = neighbours,
        Families = IpFamily.Both,
        KeepsUpkeep = true,
        Records = true,
    });

    private static NodeId TargetOf(byte[] datagram)
    {
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(datagram, out KrpcMessage query));
        return query.HasTarget ? query.Target : query.HasInfoHash ? query.InfoHash.AsNodeId : default;
    }
}
