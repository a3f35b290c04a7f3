using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Engine;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Routing;

/// <summary>
/// Mainline table: it splits on our own side only, however many far contacts knock; and it really works, alone and in
/// an engine.
/// </summary>
public sealed class MainlineTableSplitTests
{
    private readonly SeededRandomSource _random = new(43);
    private int _number;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OnlyTheBucketOfOurOwnId_Splits(bool extended)
    {
        var table = new MainlineTable(
            NodeId.Random(_random),
            IpFamily.IPv4,
            new RoutingTableOptions { ExtendedBuckets = extended, CacheSize = 0 });
        Knock(table, shared: 0, times: 1_000);
        Assert.Equal(1, table.BucketCount);
        Assert.Equal(extended ? 128 : 8, table.Count);
        for (int shared = 1; shared <= 40; shared++)
        {
            // The home bucket is as full as it can be with contacts of this depth; one that is nearer to us splits it.
            Knock(table, shared, times: 300);
            Assert.InRange(table.BucketCount, shared, shared + 1);
            int buckets = table.BucketCount;
            int count = table.Count;
            for (int far = 0; far < shared - 1; far++)
            {
                Knock(table, far, times: 50);
            }

            Assert.Equal((buckets, count), (table.BucketCount, table.Count));
            Assert.Equal(buckets - 1, table.BucketOf(table.Self.RandomWithCommonPrefix(100, _random)));
            Assert.Equal(0, table.BucketOf(table.Self.RandomWithCommonPrefix(0, _random)));
        }
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void TheNearest_AreThoseOfBruteForce_AndTheDeadAreReplaced(IpFamily family)
    {
        var table = new MainlineTable(NodeId.Random(_random), family);
        for (int i = 0; i < 10_000; i++)
        {
            table.Insert(NodeId.Random(_random), TestEndpoints.Public(family, i), Instant.Zero);
        }

        List<CompactNode> held = Held(table);
        Assert.InRange(held.Count, 200, 400);
        for (int i = 0; i < 2_000; i++)
        {
            NodeId target = NodeId.Random(_random);
            Assert.True(
                TableFill.BruteForce(held, target, default, 8).SequenceEqual(
                    TableFill.Closest(table, target, default, 8)),
                $"seed 43, target {i}: {target}");
        }

        CompactNode dead = held[0];
        table.MarkFailed(dead.Id, dead.Endpoint);
        table.MarkFailed(dead.Id, dead.Endpoint);
        Assert.DoesNotContain(dead, Held(table));
        Assert.Equal(held.Count, table.Count);
    }

    [Fact]
    public async Task InAnEngine_ItLearnsAndAnswers()
    {
        DhtEngineOptions options = Loopback.Options();
        await using DhtEngine engine = Loopback.Start(
            options with { Node = options.Node with { TableKind = RoutingTableKind.Mainline } });
        await using DhtEngine other = Loopback.Start(options);
        Assert.Equal(QueryStatus.Answered, (await engine.PingAsync(other.LocalEndpoint)).Status);
        using Socket socket = Loopback.Connect(engine);
        string reply = Text(Loopback.Ask(socket, Query("find_node", $"6:target20:{IdB}")));
        Assert.Contains(
            "5:nodes26:" + WireText.Of(new CompactNode(other.Id, other.LocalEndpoint)),
            reply,
            StringComparison.Ordinal);
    }

    private void Knock(MainlineTable table, int shared, int times)
    {
        for (int i = 0; i < times; i++)
        {
            table.Insert(
                table.Self.RandomWithCommonPrefix(shared, _random),
                TestEndpoints.Public(IpFamily.IPv4, _number++),
                Instant.Zero);
        }
    }

    private static List<CompactNode> Held(IRoutingTable table) =>
        [
            .. TableFill.Walk(table, Instant.Zero)
                .Select(static contact => new CompactNode(contact.Id, contact.Endpoint)),
        ];
}
