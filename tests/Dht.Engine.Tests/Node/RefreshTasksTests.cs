using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Engine;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Node;

/// <summary>
/// Refresh tasks: the interval can be set at run time; tasks come and go while the node runs; a stale bucket is
/// refreshed with a random id inside that very bucket, the farthest included; stale contacts are pinged; stopping
/// does not wait for anything.
/// </summary>
public sealed class RefreshTasksTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void IntervalsAndTasks_ChangeWhileTheNodeRuns()
    {
        var node = new NodeHarness();
        NodeTasks tasks = node.Node.Extensions.Tasks;
        int runs = 0;
        int added = 0;
        NodeTask task = tasks.Add("mine", Second, (_, _) => runs++);
        Run(node, 100);
        Assert.Equal(10, runs);
        task.Interval = TimeSpan.FromMilliseconds(500);
        Run(node, 100);
        Assert.Equal(30, runs);
        task.Interval = TimeSpan.FromSeconds(5);
        Run(node, 100);
        Assert.Equal(32, runs);

        // One task adds another and takes itself out.
        NodeTask? once = null;
        once = tasks.Add("once", Second, (_, _) =>
        {
            tasks.Add("added", Second, (_, _) => added++);
            once!.Remove();
        });
        Run(node, 50);
        Assert.True(once.IsRemoved);
        Assert.InRange(added, 3, 4);
        Assert.Throws<ArgumentException>(() => tasks.Add("added", Second, static (_, _) => { }));
        tasks.Find("added")!.Remove();
        task.Remove();
        (int, int) before = (runs, added);
        Run(node, 100);
        Assert.Equal(before, (runs, added));
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void EachStaleBucket_IsRefreshedInsideItself_TheFarthestIncluded(RoutingTableKind kind)
    {
        var random = new SeededRandomSource(73);
        var table = (BucketTable)RoutingTables.Create(
            kind,
            NodeId.Random(random),
            IpFamily.IPv4,
            new RoutingTableOptions { BucketSize = 1, ExtendedBuckets = false });
        int number = 0;
        for (int bucket = 0; bucket < 160; bucket++)
        {
            NodeId id = table.Self.RandomWithCommonPrefix(bucket, random);
            Assert.True(table.Insert(id, TestEndpoints.Public(IpFamily.IPv4, number++), Instant.Zero));
        }

        while (table.TryGetRefreshTarget(Instant.Zero, random, out _))
        {
            // What was never looked up may be at once.
        }

        Instant fresh = Instant.Zero + TimeSpan.FromMinutes(15) - TimeSpan.FromTicks(1);
        Assert.False(table.TryGetRefreshTarget(fresh, random, out _));
        var first = new List<NodeId>();
        for (int minutes = 15; minutes <= 30; minutes += 15)
        {
            var targets = new List<NodeId>();
            Instant now = Instant.Zero + TimeSpan.FromMinutes(minutes);
            while (table.TryGetRefreshTarget(now, random, out NodeId target))
            {
                targets.Add(target);
            }

            Assert.Equal(Enumerable.Range(0, 160), targets.Select(target => table.BucketOf(target)));

            // Where there is a choice it is a new one each time.
            Assert.DoesNotContain(first.Zip(targets).Take(140), static pair => pair.First == pair.Second);
            first = targets;
        }
    }

    [Fact]
    public void TheNode_LooksUpWhatIsStale_AndNothingBefore()
    {
        var node = new NodeHarness(new NodeOptions
        {
            QueriesPerSecondPerAddress = 0,
            Table = new RoutingTableOptions { FailuresAllowed = 1_000 },
        });
        Only(node, NodeTasks.BucketRefresh);
        var random = new SeededRandomSource(79);
        for (int bucket = 0; bucket < 6; bucket++)
        {
            node.Introduce(
                node.Node.Id.RandomWithCommonPrefix(bucket, random), TestEndpoints.Public(IpFamily.IPv4, bucket));
        }

        Assert.Equal(6, node.Node.ContactCount);

        // At first only what was never looked up; then nothing for long; then all that hold a contact, and the one
        // beyond, where a nearer neighbour would appear.
        Assert.Subset(Enumerable.Range(0, 7).ToHashSet(), Buckets(node, seconds: 60));
        Assert.Empty(Buckets(node, seconds: (14 * 60) - 1));
        Assert.Equal(Enumerable.Range(0, 7), Buckets(node, seconds: 120).Order());
    }

    [Fact]
    public void AStaleContact_IsPinged_AgainAndAgain()
    {
        var node = new NodeHarness();
        Only(node, NodeTasks.ContactPing);
        node.Introduce(new NodeId(Bytes(IdA)), NodeHarness.Asker);
        for (int round = 0; round < 3; round++)
        {
            int seconds = 0;
            List<(Endpoint To, byte[] Datagram)> sent = [];
            while (sent.Count == 0)
            {
                node.Advance(Second);
                seconds++;
                sent = node.Take();
                Assert.InRange(seconds, 1, 16 * 60);
            }

            Assert.InRange(seconds, 15 * 60, (15 * 60) + 2);
            (Endpoint to, byte[] datagram) = Assert.Single(sent);
            KrpcMessage.Parse(datagram, out KrpcMessage ping);
            Assert.Equal((NodeHarness.Asker, KrpcMethod.Ping), (to, ping.Method));
            node.Receive(NodeHarness.Pong(Text(ping.TransactionId), IdA));
        }

        Assert.Equal(1, node.Node.ContactCount);
    }

    [Fact]
    public async Task Stopping_IsImmediate_AndNothingRunsAfterwards()
    {
        int runs = 0;
        DhtEngine engine = Loopback.Start(Loopback.Options());
        engine.Tasks.Add("hourly", TimeSpan.FromHours(1), static (_, _) => { });
        NodeTask often = engine.Tasks.Add("often", NodeTask.IntervalMin, (_, _) => Interlocked.Increment(ref runs));
        await Eventually.Holds(() => Volatile.Read(ref runs) > 3, "the task ran");

        // On the engine's own thread a task that is taken out runs no more.
        int atRemoval = await engine.InvokeAsync((_, _) =>
        {
            often.Remove();
            return Volatile.Read(ref runs);
        });
        int later = 0;
        engine.Tasks.Add("later", NodeTask.IntervalMin, (_, _) => Interlocked.Increment(ref later));
        await Eventually.Holds(() => Volatile.Read(ref later) > 3, "the other task ran");
        Assert.Equal(atRemoval, Volatile.Read(ref runs));
        await engine.StopAsync().WaitAsync(Loopback.Patience);
        int atStop = Volatile.Read(ref later);
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        await other.PingAsync(other.LocalEndpoint.WithPort(0));
        Assert.Equal(atStop, Volatile.Read(ref later));
    }

    private static void Run(NodeHarness node, int tenths)
    {
        // As a driver does, which a change of the tasks wakes.
        node.Advance(TimeSpan.Zero);
        for (int i = 0; i < tenths; i++)
        {
            node.Advance(TimeSpan.FromMilliseconds(100));
            node.Take();
        }
    }

    private static void Only(NodeHarness node, string name)
    {
        foreach (NodeTask task in node.Node.Extensions.Tasks.All.Where(task => task.Name != name).ToArray())
        {
            task.Remove();
        }
    }

    /// <summary>The buckets in which something is looked up while no node answers.</summary>
    private static HashSet<int> Buckets(NodeHarness node, int seconds)
    {
        var buckets = new HashSet<int>();
        for (int i = 0; i < seconds; i++)
        {
            node.Advance(Second);
            foreach ((_, byte[] datagram) in node.Take())
            {
                KrpcMessage.Parse(datagram, out KrpcMessage query);
                Assert.Equal(KrpcMethod.FindNode, query.Method);
                buckets.Add(node.Node.Id.CommonPrefixLength(query.Target));
            }
        }

        return buckets;
    }
}
