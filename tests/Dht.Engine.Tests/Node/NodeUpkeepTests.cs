using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Testing;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;
using static Dht.Engine.Tests.Krpc.Wire;
using static Dht.Engine.Tests.Support.NodeHarness;

namespace Dht.Engine.Tests.Node;

public sealed class NodeUpkeepTests
{
    private static readonly byte[] AskingPing = Bytes($"d1:ad2:id20:{IdA}e1:q4:ping1:t2:aa1:y1:qe");

    [Fact]
    public void ARouter_IsAskedWhileTheTableIsEmptyAndNeverEntersIt()
    {
        var node = new NodeHarness();
        Assert.True(node.Node.AddRouter(Asker));
        Assert.True(node.Node.AddRouter(Asker));
        node.Advance(TimeSpan.Zero);
        (Endpoint to, string id, string text) = node.TakeQuery();
        Assert.Equal(Asker, to);
        Assert.Contains("9:find_node", text, StringComparison.Ordinal);
        byte[] wire = new byte[26];
        new CompactNode(new NodeId(Bytes(IdA)), Endpoint.Parse("9.9.9.9:1")).Write(wire);
        node.Receive(Pong(id, IdB, "5:nodes26:" + Text(wire)));
        Assert.Equal(0, node.Node.ContactCount);
        (Endpoint contact, string ping, _) = node.TakeQuery();
        node.Receive(Ping);
        Assert.Single(node.Take());
        node.Receive(Pong(ping, IdA), contact);
        Assert.Equal(1, node.Node.ContactCount);
    }

    [Fact]
    public void ADeadRouter_IsAskedAgain_EverMoreSeldomButAtLeastEveryMinute()
    {
        var node = new NodeHarness();
        node.Node.AddRouter(Asker);
        var asked = new List<int>();
        for (int second = 0; second < 600; second++)
        {
            node.Advance(TimeSpan.FromSeconds(1));
            asked.AddRange(node.Take().Select(_ => second));
        }

        int[] pauses = [.. asked.Zip(asked.Skip(1), static (earlier, later) => later - earlier)];
        Assert.Equal([5, 10, 20, 40, 60, 60], pauses[..6]);
        Assert.All(pauses[6..], static pause => Assert.Equal(60, pause));
    }

    [Fact]
    public void AFamilyWithoutContacts_IsJoinedThoughTheOtherHasSome()
    {
        var node = new NodeHarness();
        Endpoint six = Endpoint.Parse("[2001:4860::1]:6881");
        node.Node.Table(IpFamily.IPv4).Insert(new NodeId(Bytes(IdA)), Endpoint.Parse("9.9.9.9:1"), node.Now);
        node.Node.AddRouter(Asker);
        node.Node.AddRouter(six);
        node.Advance(TimeSpan.Zero);
        List<(Endpoint To, byte[] Datagram)> first = node.Take();
        Assert.Contains(first, sent => sent.To == six);
        Assert.DoesNotContain(first, sent => sent.To == Asker);
        node.Advance(TimeSpan.FromSeconds(20));
        Assert.Contains(node.Take(), sent => sent.To == six);
    }

    [Fact]
    public void RoutersHaveABound()
    {
        var node = new NodeHarness();
        for (ushort port = 1; port <= 64; port++)
        {
            Assert.True(node.Node.AddRouter(Asker.WithPort(port)));
        }

        Assert.False(node.Node.AddRouter(Asker.WithPort(65)));
    }

    [Fact]
    public void AContactThatDies_LeavesTheTable()
    {
        var node = new NodeHarness();
        node.Introduce(new NodeId(Bytes(IdA)), Asker);
        Assert.Equal(1, node.Node.ContactCount);
        for (int minute = 0; minute < 20; minute++)
        {
            node.Advance(TimeSpan.FromMinutes(1));
            node.Take();
        }

        Assert.Equal(0, node.Node.ContactCount);
    }

    [Fact]
    public void AContactWhosePingWasThrottled_IsVerifiedWhenItAsksAgain()
    {
        var node = new NodeHarness();
        int open = 0;
        while (node.Node.Ping(Asker.WithPort((ushort)(1 + open)), node.Now) == AskResult.Sent)
        {
            open++;
        }

        node.Receive(AskingPing);
        Assert.Equal(open, node.Node.OpenQueries);
        node.Advance(TimeSpan.FromMilliseconds(500));
        node.Receive(AskingPing);
        Assert.Equal(open + 1, node.Node.OpenQueries);
    }

    [Fact]
    public void AContactWhosePingFoundTheOutboxFull_IsVerifiedWhenItAsksAgain()
    {
        var node = new NodeHarness(outboxSize: 2);
        node.Node.Ping(Endpoint.Parse("9.9.9.9:1"), node.Now);
        node.Receive(AskingPing);
        Assert.Equal(2, node.Take().Count);
        Assert.Equal(1, node.Node.OpenQueries);
        node.Receive(AskingPing);
        Assert.Equal(2, node.Node.OpenQueries);
    }

    [Fact]
    public void AContactThatWasPinged_IsNotPingedAgainAtOnce()
    {
        var node = new NodeHarness();
        node.Receive(AskingPing);
        Assert.Equal(2, node.Take().Count);
        node.Advance(TimeSpan.FromSeconds(10));
        node.Receive(AskingPing);
        Assert.Single(node.Take());
    }

    [Fact]
    public void TheNextDeadline_IsNeverMissed()
    {
        var node = new NodeHarness();
        node.Node.AddRouter(Asker);
        for (int i = 0; i < 1000; i++)
        {
            Instant due = node.Node.NextDeadline;
            node.Advance(due > node.Now ? due - node.Now : TimeSpan.Zero);
            Assert.True(node.Node.NextDeadline > node.Now, "A tick at the deadline must do what is due.");
            Assert.True(node.Node.NextDeadline <= node.Now + TimeSpan.FromSeconds(1));
            node.Take();
        }
    }

    [Fact]
    public void AVeryLongQueryTimeout_KeepsTheDeadlineAhead()
    {
        var node = new NodeHarness(new NodeOptions { QueryTimeout = TimeSpan.FromDays(365) });
        node.Node.Ping(Asker, node.Now);
        node.Advance(TimeSpan.FromSeconds(1));
        Assert.True(node.Node.NextDeadline > node.Now);
        Assert.Equal(1, node.Node.OpenQueries);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ThirtyNodesJoiningThroughARouter_EachKnowEightOthers(int seed)
    {
        var network = new SimulatedNetwork(
            new SimulatedNetworkOptions { Seed = (ulong)seed, Node = new NodeOptions() });
        network.AddNodes(31, new SimulatedNodeOptions { Bootstrap = [] });
        for (int i = 1; i < network.Nodes.Count; i++)
        {
            network.Nodes[i].Node.AddRouter(network.Nodes[0].Endpoint);
        }

        network.Run(TimeSpan.FromSeconds(60));
        for (int i = 1; i < network.Nodes.Count; i++)
        {
            MainlineNode node = network.Nodes[i].Node;
            Assert.True(node.ContactCount >= 8, $"seed {seed}: node {i} knows {node.ContactCount}");
        }
    }
}
