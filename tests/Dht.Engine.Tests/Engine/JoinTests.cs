using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Storage;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// Join: of 50 local nodes that join through one, each comes to know at least k others; several bootstrap addresses
/// may be given; the join can be awaited, and fails clearly when no node is there; a reply that lists 2,000 nodes
/// starts no more queries than alpha.
/// </summary>
public sealed class JoinTests
{
    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public async Task FiftyNodes_EachKnowAtLeastKOthers(RoutingTableKind kind)
    {
        var engines = new List<DhtEngine>();
        try
        {
            for (int i = 0; i < 50; i++)
            {
                engines.Add(
                    Loopback.Start(Options(i, kind) with { Bootstrap = i == 0 ? [] : [engines[0].LocalEndpoint] }));
            }

            Task<JoinResult>[] joins = [.. engines.Skip(1).Select(static engine => engine.JoinAsync())];
            JoinResult[] results = await Task.WhenAll(joins).WaitAsync(Loopback.Patience);
            Assert.All(
                results,
                static result =>
                    Assert.True(result.HasJoined && result.Status == LookupStatus.Finished, result.ToString()));
            int k = new RoutingTableOptions().BucketSize;
            for (int i = 0; i < engines.Count; i++)
            {
                int number = i;
                await Eventually.Holds(() => engines[number].Counters.Contacts >= k, $"node {number} knew {k} others");
            }
        }
        finally
        {
            await Task.WhenAll(engines.Select(static engine => engine.StopAsync()));
        }
    }

    [Fact]
    public async Task SeveralBootstrapAddresses_OfWhichOneIsEnough()
    {
        using Socket silent = SilentPeer.Open(out Endpoint dead);
        await using DhtEngine first = Loopback.Start(Loopback.Options());
        await using DhtEngine second = Loopback.Start(Loopback.Options() with { Bind = TestEndpoints.Place(81) });
        DhtEngineOptions options = Loopback.Options();
        await using DhtEngine engine = Loopback.Start(options with
        {
            Bootstrap = [dead, first.LocalEndpoint, second.LocalEndpoint],
            Node =
                options.Node with
                {
                    QueryTimeout = TimeSpan.FromSeconds(2),
                    Table = new RoutingTableOptions { AllowSharedAddresses = true },
                },
        });
        JoinResult joined = await engine.JoinAsync().WaitAsync(Loopback.Patience);
        Assert.Equal(LookupStatus.Finished, joined.Status);
        Assert.True(joined.HasJoined);
        await Eventually.Holds(() => engine.Counters.Contacts == 2, "both that live were known");
    }

    [Fact]
    public async Task ADeadBootstrap_FailsClearly_AndSoDoesNone()
    {
        using Socket silent = SilentPeer.Open(out Endpoint dead);
        DhtEngineOptions options =
            Loopback.Options() with { Node = new NodeOptions { QueryTimeout = TimeSpan.FromMilliseconds(200) } };
        await using DhtEngine toDead = Loopback.Start(options with { Bootstrap = [dead] });
        JoinResult result = await toDead.JoinAsync().WaitAsync(Loopback.Patience);
        Assert.Equal(
            (LookupStatus.NobodyAnswered, 0, 0, false),
            (result.Status, result.Contacts, result.Answered, result.HasJoined));

        await using DhtEngine alone = Loopback.Start(options);
        result = await alone.JoinAsync().WaitAsync(Loopback.Patience);
        Assert.Equal((LookupStatus.NobodyKnown, 0, false), (result.Status, result.Contacts, result.HasJoined));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(16)]
    public void AReplyOf2000Nodes_StartsNoMoreThanAlphaQueries(int alpha)
    {
        var random = new SeededRandomSource(71);
        var node = new NodeHarness(new NodeOptions { LookupParallelism = alpha });
        node.Node.AddBootstrap(NodeHarness.Asker);
        node.Advance(TimeSpan.Zero);
        string nodes = string.Concat(Enumerable.Range(0, 2_000).Select(
            i => WireText.Of(new CompactNode(NodeId.Random(random), TestEndpoints.Public(IpFamily.IPv4, 1_000 + i)))));
        node.Receive(NodeHarness.Pong(node.TakeQuery().TransactionId, IdB, "5:nodes" + Str(nodes)));
        Assert.Equal(1, node.Counters.Responses);
        Assert.InRange(node.Take().Count, 1, alpha);
        Assert.InRange(node.Node.OpenQueries, 1, alpha);
    }

    private static DhtEngineOptions Options(int number, RoutingTableKind kind)
    {
        DhtEngineOptions options = Loopback.Options() with { Bind = TestEndpoints.Place(100 + number) };
        NodeOptions node = options.Node with
        {
            TableKind = kind,
            Peers = new PeerStoreOptions { PeerCapacity = 256, InfoHashCapacity = 64 },
        };
        return options with
        {
            Node = TestEndpoints.HasManyAddresses ? node : node with
            {
                Table = new RoutingTableOptions { AllowSharedAddresses = true },
                QueriesPerSecondPerAddress = 0,
                AnswersPerSecondPerAddress = 0,
            },
        };
    }
}
