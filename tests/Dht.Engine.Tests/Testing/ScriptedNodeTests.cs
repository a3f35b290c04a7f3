using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Testing;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Testing;

/// <summary>What a test writes, sends and sees by itself in a simulated network.</summary>
public sealed class ScriptedNodeTests : ISimulationObserver
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly Endpoint Stranger = Endpoint.Parse("9.9.9.9:6881");

    private readonly List<(Endpoint From, Endpoint To, int Length)> _sent = [];
    private readonly List<(Endpoint From, SimulatedNode To, int Length)> _delivered = [];
    private readonly SimulatedNetwork _network = new(new SimulatedNetworkOptions
    {
        Link = new SimulatedLink { Latency = SimulatedLatency.Constant(TimeSpan.FromMilliseconds(100)) },
    });

    public ScriptedNodeTests() => _network.Observer = this;

    void ISimulationObserver.OnSent(in Endpoint source, in Endpoint destination, ReadOnlySpan<byte> datagram) =>
        _sent.Add((source, destination, datagram.Length));

    void ISimulationObserver.OnDelivered(in Endpoint source, SimulatedNode destination, ReadOnlySpan<byte> datagram) =>
        _delivered.Add((source, destination, datagram.Length));

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void AScript_AnswersUnderItsId(IpFamily family)
    {
        NodeId id = NodeId.Random(_network.Random);
        SimulatedNode neighbour = _network.AddNode(new SimulatedNodeOptions
        {
            Kind = SimulatedNodeKind.Scripted,
            Families = family,
            Script = Pong,
            Node = new NodeOptions { Id = id },
        });
        SimulatedNode mine = Idle(family);
        mine.Node.Ping(neighbour.EndpointOf(family), _network.Now);
        _network.Run(Second);
        Assert.Equal((id, id), (neighbour.Id, neighbour.IdOf(family)));
        Assert.Equal(1, mine.Node.Counters.Responses);
        Assert.Equal(1, mine.Node.ContactCount);
        Assert.Throws<InvalidOperationException>(() => neighbour.Node);
    }

    [Fact]
    public void WithoutAScript_OrWithAnAnswerOfNoLength_ItIsMute()
    {
        SimulatedNode mute = Scripted(null);
        SimulatedNode silent = Scripted(static (_, in _, in _, _) => 0);
        SimulatedNode mine = Idle();
        mine.Node.Ping(mute.Endpoint, _network.Now);
        mine.Node.Ping(silent.Endpoint, _network.Now);
        _network.Run(10 * Second);
        Assert.Equal(2, mine.Node.Counters.Timeouts);
        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public void AnAnswerMayBeLate_Twice_AndFromElsewhere()
    {
        SimulatedNode neighbour = Scripted(static (node, in query, in source, answer) =>
        {
            ReadOnlySpan<byte> datagram = answer[..Pong(node, query, source, answer)];
            node.Network.Send(Stranger, source, datagram);
            node.Send(source, datagram, Second);
            node.Send(source, datagram, 2 * Second);
            return 0;
        });
        SimulatedNode mine = Idle();
        mine.Node.Ping(neighbour.Endpoint, _network.Now);
        Instant asked = _network.Now;
        Assert.True(_network.RunUntil(() => mine.Node.Counters.Responses == 1, 5 * Second));
        Assert.Equal(TimeSpan.FromMilliseconds(1_100), _network.Now - asked);
        Assert.Equal(1, mine.Node.Counters.WrongSource);
        _network.Run(2 * Second);
        Assert.Equal(1, mine.Node.Counters.Unexpected);
    }

    [Fact]
    public void AnObserver_SeesWhatIsSentAndWhatArrives()
    {
        SimulatedNode mine = Idle();
        SimulatedNode dead = Idle();
        _network.Kill(dead);
        mine.Node.Ping(dead.Endpoint, _network.Now);
        mine.Node.Ping(Stranger, _network.Now);
        _network.Run(Second);
        Assert.Equal(
            [(mine.Endpoint, dead.Endpoint), (mine.Endpoint, Stranger)],
            _sent.Select(static sent => (sent.From, sent.To)));
        Assert.Empty(_delivered);
        _network.Send(Stranger, mine.Endpoint, new byte[SimulatedNetwork.DatagramSizeMax]);
        _network.Run(Second);
        Assert.Equal([(Stranger, mine, SimulatedNetwork.DatagramSizeMax)], _delivered);
    }

    [Fact]
    public void AStep_IsOneThing()
    {
        SimulatedNode neighbour = Scripted(Pong);
        SimulatedNode mine = Idle();
        Assert.False(_network.Step(Second));
        Assert.Equal(Instant.Zero + Second, _network.Now);
        mine.Node.Ping(neighbour.Endpoint, _network.Now);
        Assert.True(_network.Step(Second));
        Assert.Equal((1, 2), (_delivered.Count, _sent.Count));
        Assert.Equal(TimeSpan.FromMilliseconds(1_050), _network.Now - Instant.Zero);
        Assert.True(_network.Step(Second));
        Assert.Equal((2, 2), (_delivered.Count, _sent.Count));
        Assert.Equal(1, mine.Node.Counters.Responses);
    }

    [Fact]
    public void AStalledNode_KeepsWhatItStages_UntilItsOutboxIsFull()
    {
        SimulatedNode mine = Idle(IpFamily.IPv4, outbox: 2);
        SimulatedNode other = Idle();
        mine.IsStalled = true;
        Assert.Equal(AskResult.Sent, mine.Node.Ping(other.Endpoint, _network.Now));
        Assert.Equal(AskResult.Sent, mine.Node.Ping(Stranger, _network.Now));
        Assert.NotEqual(AskResult.Sent, mine.Node.Ping(Stranger.WithPort(1), _network.Now));
        _network.Run(TimeSpan.FromMilliseconds(500));
        Assert.Empty(_sent);
        mine.IsStalled = false;
        _network.Run(Second);
        Assert.Equal(
            [other.Endpoint, Stranger],
            _sent.Where(sent => sent.From == mine.Endpoint).Take(2).Select(static sent => sent.To));
    }

    [Fact]
    public void WhatAScriptThrows_ComesOut_AndTheNetworkRunsOn()
    {
        bool isBroken = true;
        SimulatedNode neighbour = Scripted((node, in query, in source, answer) =>
            isBroken ? throw new InvalidOperationException("on purpose") : Pong(node, query, source, answer));
        SimulatedNode mine = Idle();
        mine.Node.Ping(neighbour.Endpoint, _network.Now);
        Assert.Throws<InvalidOperationException>(() => _network.Run(Second));
        isBroken = false;
        _network.Run(10 * Second);
        Assert.Equal(1, mine.Node.Counters.Timeouts);
        mine.Node.Ping(neighbour.Endpoint, _network.Now);
        _network.Run(Second);
        Assert.Equal(1, mine.Node.Counters.Responses);
        Assert.Equal(0, _network.InFlight);
    }

    [Fact]
    public void Misuse_IsRefusedAtTheCall()
    {
        SimulatedNode mine = Idle();
        byte[] tooLong = new byte[SimulatedNetwork.DatagramSizeMax + 1];
        Endpoint six = Endpoint.Parse("[2001:4860::8888]:6881");
        Assert.Throws<ArgumentException>(() => _network.Send(Stranger, mine.Endpoint, tooLong));
        Assert.Throws<ArgumentException>(() => _network.Send(six, mine.Endpoint, default));
        Assert.Throws<ArgumentException>(() => _network.Send(default, mine.Endpoint, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => _network.Send(Stranger, mine.Endpoint, default, -Second));
        Assert.Throws<ArgumentException>(() => mine.Send(Stranger, tooLong));
        Assert.Throws<ArgumentOutOfRangeException>(() => mine.Send(Stranger, default, -Second));
        Assert.Throws<ArgumentOutOfRangeException>(() => _network.Step(-Second));
        Assert.Throws<ArgumentException>(() => _network.AddNode(new SimulatedNodeOptions { Script = Pong }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Idle(IpFamily.IPv4, outbox: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Idle(IpFamily.IPv4, outbox: 4_097));
        _network.Kill(mine);
        mine.Send(Stranger, default);
        Assert.Empty(_sent);
    }

    [Fact]
    public void OnceWarm_NothingIsAllocated()
    {
        _network.Observer = null;
        SimulatedNode neighbour = Scripted(Pong);
        SimulatedNode mine = Idle();
        AllocationGuard.AssertNone((neighbour, mine), static state =>
        {
            for (int i = 0; i < 100; i++)
            {
                SimulatedNetwork network = state.mine.Network;
                state.mine.Node.Ping(state.neighbour.Endpoint, network.Now);
                network.Send(
                    Stranger, state.mine.Endpoint, "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe"u8);
                network.Run(Second);
            }
        });
        Assert.Equal(400, mine.Node.Counters.Responses);
    }

    private static int Pong(SimulatedNode node, in KrpcMessage query, in Endpoint source, Span<byte> answer) =>
        KrpcReplies.WritePong(
            answer, new KrpcEnvelope { Id = node.Id, TransactionId = query.TransactionId, Requester = source });

    private SimulatedNode Scripted(SimulatedScript? script) =>
        _network.AddNode(new SimulatedNodeOptions { Kind = SimulatedNodeKind.Scripted, Script = script });

    /// <summary>A node that does nothing by itself.</summary>
    private SimulatedNode Idle(IpFamily family = IpFamily.IPv4, int? outbox = null)
    {
        var extensions = new NodeExtensions();
        foreach (NodeTask task in extensions.Tasks.All)
        {
            task.Remove();
        }

        return _network.AddNode(new SimulatedNodeOptions
        {
            Families = family,
            Extensions = extensions,
            Bootstrap = [],
            OutboxCapacity = outbox,
        });
    }
}
