using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;
using static Dht.Engine.Tests.Support.NodeHarness;

namespace Dht.Engine.Tests.Samples;

/// <summary>
/// What docs/extending.md shows does what it says there. That it runs over sockets is checked beside this.
/// </summary>
public sealed class ExtendingTests
{
    private static readonly Endpoint Other = Endpoint.Parse("9.9.9.9:6881");

    private readonly NodeHarness _node = new();

    [Theory]
    [InlineData("KADEMLIA", RoutingTableKind.Kademlia)]
    [InlineData("MainLine", RoutingTableKind.Mainline)]
    public void BuiltInTables_AreChosenByEnumAndByName(string name, RoutingTableKind kind)
    {
        NodeOptions[] options = TableSample.BuiltIn(name);
        Assert.Equal(kind, options[1].TableKind);
        Assert.IsType<MainlineTable>(new NodeHarness(options[0]).Node.Table(IpFamily.IPv4));
        Assert.All(options, chosen => Assert.True(new NodeHarness(chosen).AnswersPing()));
    }

    [Fact]
    public void HelloWithoutAllocation_GoesRound()
    {
        var asker = new NodeHarness(new NodeOptions { QueriesPerSecondPerAddress = 0 }, seed: 2);
        var answerer = new NodeHarness(new NodeOptions { AnswersPerSecondPerAddress = 0 }, seed: 3);
        HelloSample.Answer(answerer.Node.Extensions);
        HelloSample.Greeter greeter = HelloSample.MakeGreeter();
        AllocationGuard.AssertNone((asker, answerer, greeter), static state =>
        {
            for (int i = 0; i < 100; i++)
            {
                HelloSample.Ask(state.asker.Node, Other, state.asker.Now, state.greeter);
                state.answerer.Node.Receive(state.asker.Outbox.Datagram(0), Asker, state.answerer.Now);
                state.asker.Outbox.Clear();
                state.asker.Node.Receive(state.answerer.Outbox.Datagram(0), Other, state.asker.Now);
                state.answerer.Outbox.Clear();
            }
        });
        Assert.Equal(4 * 100 * "ann".Length, greeter.Letters);
    }

    [Fact]
    public void HelloWithoutArguments_IsRefused_AndSilenceIsTold()
    {
        HelloSample.Answer(_node.Node.Extensions);
        Assert.Contains("i203e", _node.Ask(Wire.Query("hello")), StringComparison.Ordinal);
        HelloSample.Greeter greeter = HelloSample.MakeGreeter();
        _node.Take();
        Assert.Equal(AskResult.Sent, HelloSample.Ask(_node.Node, Other, _node.Now, greeter));
        _node.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(-1, greeter.Letters);
    }

    [Fact]
    public void Handlers_VetoReplaceAndRefuse()
    {
        HandlerSample.Add(_node.Node.Extensions.Handlers, new HashSet<Endpoint> { Asker });
        Assert.Empty(_node.Ask(Ping));
        Assert.Contains("5:motto12:mind the gap", _node.Ask(Ping, Other), StringComparison.Ordinal);
        Assert.Contains(
            "eli204e8:not heree", _node.Ask(KrpcSamples.Get("sample_infohashes"), Other), StringComparison.Ordinal);
        Assert.Contains("5:nodes", _node.Ask(KrpcSamples.Get("find_node"), Other), StringComparison.Ordinal);
    }

    [Fact]
    public void TheObserver_IsToldUntilItIsTakenOut()
    {
        using var output = new StringWriter();
        Registration watching = ObserverSample.Add(_node.Node.Extensions.Observers, output);
        NodeId id = NodeId.Random(new SeededRandomSource(11));
        _node.Introduce(id, Asker);
        Assert.Contains($"found {id} at {Asker}", output.ToString(), StringComparison.Ordinal);
        watching.Dispose();
        _node.Introduce(NodeId.Random(new SeededRandomSource(12)), Other);
        Assert.Equal(2, _node.Node.ContactCount);
        Assert.DoesNotContain($"at {Other}", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tasks_AreAddedReTimedAndRemoved()
    {
        using var output = new StringWriter();
        NodeTasks tasks = _node.Node.Extensions.Tasks;
        NodeTask task = TaskSample.Add(tasks, output);
        _node.Advance(TimeSpan.Zero);
        _node.Advance(TimeSpan.FromSeconds(10));
        _node.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, output.ToString().Split("0 contacts").Length - 1);
        TaskSample.Remove(task);
        _node.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(2, output.ToString().Split("0 contacts").Length - 1);
        Assert.Equal(TimeSpan.FromSeconds(30), tasks.Find(NodeTasks.BucketRefresh)!.Interval);
    }

    [Fact]
    public async Task TheCallback_TriesAgain_AndEndsOnce()
    {
        var end = new TaskCompletionSource<string>();
        Assert.Equal(AskResult.Sent, _node.Node.Ping(Other, _node.Now, CallbackSample.Make(_node.Node, end), 3));
        for (int tries = 1; tries <= 4; tries++)
        {
            Assert.False(end.Task.IsCompleted);
            Assert.Equal(Other, _node.TakeQuery().To);
            _node.Advance(TimeSpan.FromSeconds(3));
        }

        Assert.Equal("silent", await end.Task);
        Assert.Empty(_node.Take());
    }

    [Fact]
    public void ThePeerStore_KeepsListedTorrentsOnly()
    {
        var random = new SeededRandomSource(4);
        var listed = new InfoHash(Wire.Bytes(Wire.IdA));
        var node = new NodeHarness(StorageSample.Store(new HashSet<InfoHash> { listed }, random));
        Assert.True(node.Node.Peers.TryAdd(listed, Other, node.Now));
        Assert.False(node.Node.Peers.TryAdd(new InfoHash(Wire.Bytes(Wire.IdB)), Other, node.Now));
        Assert.Equal((1, 1), (node.Node.Peers.PeerCount, node.Node.Peers.InfoHashCount));
    }

    [Fact]
    public void ThePolicy_BlocksWhoOptsOut_AndKeepsTheRules()
    {
        (IAddressPolicy policy, Action<Endpoint> block) = StorageSample.Policy(AddressPolicy.Public);
        var node = new NodeHarness(policy: policy);
        Assert.True(node.AnswersPing());
        block(Asker.WithPort(1));
        Assert.Empty(node.Ask(Ping));
        Assert.Empty(node.Ask(Ping, Endpoint.Parse("10.0.0.1:1")));
        Assert.Equal(AskResult.Forbidden, node.Node.Ping(Asker, node.Now));
        Assert.True(node.AnswersPing(Other));
    }

    [Fact]
    public void VirtualTime_RepeatsARun()
    {
        Assert.Equal(SansIoSample.Simulate(7), SansIoSample.Simulate(7));
        Assert.True(SansIoSample.Simulate(7) > TimeSpan.Zero);
    }

    [Fact]
    public void TheSharedSocket_HandsBackWhatIsNotTheDhts()
    {
        var clock = new VirtualClock();
        var sent = new List<string>();
        var socket = new SansIoSample.SharedSocket(
            _node.Node,
            _node.Outbox,
            clock,
            (ReadOnlySpan<byte> datagram, in Endpoint to) => sent.Add($"{to} {Wire.Text(datagram)}"));
        clock.Advance(_node.Now - Instant.Zero);
        Assert.False(socket.TryReceive([0x41, 0, 1, 2], Asker));
        Assert.True(socket.TryReceive(Ping, Asker));
        TimeSpan sleep = socket.Turn();
        Assert.StartsWith($"{Asker} d2:ip", sent[0], StringComparison.Ordinal);
        Assert.InRange(sleep, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1));
        Assert.Equal(0, _node.Outbox.Count);
    }

    [Fact]
    public void Ids_FitTheirAddress()
    {
        (NodeId id, bool isValid) = IdentitySample.Derive(Asker, new SeededRandomSource(5));
        Assert.True(isValid);
        Assert.False(SecureNodeId.IsValid(id, Other));
    }

    [Fact]
    public void TheStateFile_KeepsIds()
    {
        string folder = Directory.CreateTempSubdirectory("dht-sample-").FullName;
        try
        {
            NodeOptions options = IdentitySample.Save(_node.Node, Path.Combine(folder, "state"), _node.Now);
            Assert.Equal(_node.Node.Id, options.Id);
            Assert.Equal("state", IdentitySample.Path(new DhtEngineOptions(), "state").StatePath);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
