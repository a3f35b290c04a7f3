using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Node;

/// <summary>Joining, and what is carried from one run to the next.</summary>
public sealed class NodeStateTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(200, 0)]
    [InlineData(0, 200)]
    [InlineData(200, 200)]
    public void WhatOneRunKnew_TheNextJoinsBy(int ipv4, int ipv6)
    {
        var options = WorldOptions.Crowd with { Seed = 80, IPv4Count = ipv4, IPv6Count = ipv6, KeepsUpkeep = true };
        var earlier = new World(options);
        earlier.Run(60 * Second);
        NodeState state = earlier.Node.CaptureState(earlier.Now);
        Assert.Equal(earlier.Node.ContactCount, state.Contacts.Count);
        Assert.Equal(earlier.Node.IdOf(IpFamily.IPv6), state.IdIPv6);
        var later = new World(
            options with { Known = 0, Node = new NodeOptions { Id = state.IdIPv4, IdIPv6 = state.IdIPv6 } });
        later.Run(10 * Second);
        Assert.Equal(0, later.Node.ContactCount);
        later.Node.AddSaved(state);
        later.Run(30 * Second);
        Assert.Equal(ipv4 > 0, later.Node.Table(IpFamily.IPv4).Count > 30);
        Assert.Equal(ipv6 > 0, later.Node.Table(IpFamily.IPv6).Count > 30);
        Assert.Equal((state.IdIPv4, state.IdIPv6), (later.Node.IdOf(IpFamily.IPv4), later.Node.IdOf(IpFamily.IPv6)));
    }

    [Fact]
    public void SavedContactsThatAreSilent_AreKeptForTheNextRun()
    {
        var world = new World(
            WorldOptions.Crowd with { Seed = 81, Known = 0, IPv6Count = 20, KeepsUpkeep = true, DeadShare = 1 });
        CompactNode[] contacts = [.. world.Neighbours.Select(static neighbour => neighbour.Contact)];
        world.Node.AddSaved(new NodeState { Contacts = contacts });
        world.Run(300 * Second);
        Assert.True(world.Node.Counters.Timeouts > 50);
        Assert.Equal(contacts, world.Node.CaptureState(world.Now).Contacts);
        world.Neighbours.SetAllDead(false);
        world.Run(120 * Second);
        Assert.True(world.Node.Table(IpFamily.IPv4).Count > 8 && world.Node.Table(IpFamily.IPv6).Count > 4);
    }

    [Fact]
    public void SavedContactsOfAFamilyThatThisRunDoesNotReach_AreKeptForOneThatDoes()
    {
        var random = new SeededRandomSource(83);
        CompactNode[] contacts =
        [
            new CompactNode(NodeId.Random(random), Endpoint.Parse("8.8.4.4:6881")),
            new CompactNode(NodeId.Random(random), Endpoint.Parse("[2001:4860::8844]:6881")),
        ];
        var outbox = new Outbox(64, 64 * Outbox.DatagramSizeMax, AddressPolicy.Public, IpFamily.IPv4);
        var node = new MainlineNode(new NodeOptions(), outbox, random, Instant.Zero);
        node.AddSaved(new NodeState { Contacts = contacts });
        node.Tick(Instant.Zero + Second);
        Assert.Equal(contacts[0].Endpoint, outbox.Destination(0));
        Assert.Equal(1, outbox.Count);
        Assert.Equal(contacts, node.CaptureState(Instant.Zero + Second).Contacts);
        Assert.Equal(1, node.EntryCount);
    }

    [Fact]
    public void SavedContacts_HaveABoundAndObeyThePolicy()
    {
        var world = new World(WorldOptions.Crowd with { Seed = 82, Known = 0, IPv4Count = 400, IPv6Count = 300 });
        CompactNode[] contacts = [.. world.Neighbours.Select(static neighbour => neighbour.Contact)];
        contacts[0] = new CompactNode(world.Neighbours[0].Id, Endpoint.Parse("224.1.1.1:1"));
        contacts[1] = new CompactNode(world.Neighbours[1].Id, default);
        world.Node.AddSaved(new NodeState { Contacts = contacts });
        CompactNode[] kept = [.. world.Node.CaptureState(world.Now).Contacts];
        Assert.Equal([.. contacts[2..258], .. contacts[400..656]], kept);
        Assert.Throws<ArgumentNullException>(() => world.Node.AddSaved(null!));
    }

    [Fact]
    public void ATableThatEmpties_IsJoinedAgain()
    {
        var world = new World(WorldOptions.Crowd with { Seed = 83, Known = 0, IPv4Count = 60, KeepsUpkeep = true });
        world.Node.AddBootstrap(world.Neighbours[0].Endpoint);
        world.Run(60 * Second);
        Assert.InRange(world.Node.ContactCount, 17, 60);
        world.Neighbours.SetAllDead(true);
        for (int minute = 0; minute < 60 && world.Node.ContactCount > 0; minute++)
        {
            world.Run(60 * Second);
        }

        Assert.Equal(0, world.Node.ContactCount);
        int before = world.Queries[(int)KrpcMethod.FindNode];
        world.Run(400 * Second);

        // Those that it knew are kept while none answers, and asked beside the bootstrap node, once a minute in the
        // end.
        int perAttempt = world.Node.CaptureState(world.Now).Contacts.Count + 1;
        Assert.InRange(perAttempt, 8, 61);
        Assert.InRange(world.Queries[(int)KrpcMethod.FindNode] - before, perAttempt, 12 * perAttempt);
        world.Neighbours.SetAllDead(false);
        world.Run(70 * Second);
        Assert.InRange(world.Node.ContactCount, 8, 60);

        // The far buckets are looked up again when a quarter of an hour has passed since the last time.
        world.Run(1200 * Second);
        Assert.InRange(world.Node.ContactCount, 17, 60);
    }

    [Fact]
    public void ARouterOfAFamilyThatTheSocketDoesNotReach_IsNotWaitedFor()
    {
        long[] lookups = new long[2];
        for (int i = 0; i < 2; i++)
        {
            var world = new World(WorldOptions.Crowd with { Seed = 84, KeepsUpkeep = true });
            if (i == 1)
            {
                world.Node.AddRouter(Endpoint.Parse("[2a00:1::1]:6881"));
            }

            world.Run(600 * Second);
            lookups[i] = world.Node.Counters.Lookups;
        }

        Assert.Equal(lookups[0], lookups[1]);
    }

    [Fact]
    public void WithTwoIds_TheNeighboursOfBothAreFound()
    {
        var random = new SeededRandomSource(85);
        var world = new World(WorldOptions.Crowd with
        {
            Seed = 85,
            IPv4Count = 1000,
            IPv6Count = 1000,
            Known = 20,
            KeepsUpkeep = true,
            Node = new NodeOptions { Id = NodeId.Random(random), IdIPv6 = NodeId.Random(random) },
        });
        world.Node.Extensions.Tasks.Find(NodeTasks.BucketRefresh)!.Remove();
        world.Run(120 * Second);
        Span<int> nearest = stackalloc int[8];
        foreach (IpFamily family in (IpFamily[])[IpFamily.IPv4, IpFamily.IPv6])
        {
            world.Neighbours.Nearest(world.Node.IdOf(family), family, liveOnly: true, nearest);
            foreach (int neighbour in nearest)
            {
                // One that it knows it does not want.
                Assert.False(
                    world.Node.Table(family).Wants(
                        world.Neighbours[neighbour].Id, world.Neighbours[neighbour].Endpoint),
                    $"{family}");
            }
        }
    }
}
