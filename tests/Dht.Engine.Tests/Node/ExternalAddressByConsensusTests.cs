using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Node;

/// <summary>
/// External address by consensus: the word of 21 distinct sources switches it; our id then changes with it, the
/// contacts stay, and listeners are notified once. One source has one vote, even when it repeats it 40 times; it
/// takes a true majority; only replies to queries of ours count.
/// </summary>
public sealed class ExternalAddressByConsensusTests
{
    private readonly SeededRandomSource _random = new(67);
    private readonly Changes _changes = new();
    private readonly NodeHarness _node;

    public ExternalAddressByConsensusTests()
    {
        // Buckets large enough that each contact has a place around any id.
        _node = new NodeHarness(
            new NodeOptions { Table = new RoutingTableOptions { BucketSize = 64 } }, policy: AddressPolicy.Public);
        _node.Node.Extensions.Observers.Add(_changes);
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void TwentyOneSources_SwitchIt_AndListenersAreToldOnce(IpFamily family)
    {
        Endpoint ours = Ours(family, 1);
        NodeId old = _node.Node.IdOf(family);
        Vote(family, 0, ours);
        Vote(family, 1, ours);
        Assert.Equal(old, _node.Node.IdOf(family));

        // Three are enough for the id at first, though not for what is told to others.
        Vote(family, 2, ours);
        NodeId derived = _node.Node.IdOf(family);
        Assert.NotEqual(old, derived);
        Assert.True(SecureNodeId.IsValid(derived, ours));
        for (int voter = 3; voter < 20; voter++)
        {
            Vote(family, voter, ours);
        }

        Assert.False(_node.Node.TryGetExternalAddress(family, out _));
        Vote(family, 20, ours);
        Assert.True(_node.Node.TryGetExternalAddress(family, out Endpoint known) && known.HasSameAddress(ours));
        Assert.Equal(derived, _node.Node.IdOf(family));
        Assert.Equal(derived, _node.Node.Table(family).Self);
        Assert.Equal(21, _node.Node.ContactCount);
        for (int voter = 21; voter < 60; voter++)
        {
            Vote(family, voter, ours);
        }

        Assert.Equal([$"None > {ours}"], _changes.Told);
        Assert.Equal(derived, _node.Node.IdOf(family));
        Assert.Equal(60, _node.Node.ContactCount);
    }

    [Fact]
    public void OneSource_HasOneVote()
    {
        for (int i = 0; i < 40; i++)
        {
            Vote(IpFamily.IPv4, 500, Ours(IpFamily.IPv4, 1));
        }

        Assert.Empty(_changes.Told);
        for (int voter = 0; voter < 19; voter++)
        {
            Vote(IpFamily.IPv4, voter, Ours(IpFamily.IPv4, 1));
        }

        Assert.Empty(_changes.Told);
        Vote(IpFamily.IPv4, 19, Ours(IpFamily.IPv4, 1));
        Assert.Single(_changes.Told);
    }

    [Fact]
    public void ItTakes_ATrueMajority()
    {
        for (int voter = 0; voter < 20; voter++)
        {
            Vote(IpFamily.IPv4, voter, Ours(IpFamily.IPv4, 1));
        }

        // 21 others make a quorum, but 21 of 42 are no majority: one has yet to come.
        Vote(IpFamily.IPv4, 100, Ours(IpFamily.IPv4, 3));
        for (int voter = 200; voter < 221; voter++)
        {
            Vote(IpFamily.IPv4, voter, Ours(IpFamily.IPv4, 2));
        }

        Assert.Empty(_changes.Told);
        Vote(IpFamily.IPv4, 221, Ours(IpFamily.IPv4, 2));
        Assert.Equal([$"None > {Ours(IpFamily.IPv4, 2)}"], _changes.Told);
    }

    [Fact]
    public void OnlyRepliesToOurQueries_Count()
    {
        Endpoint ours = Ours(IpFamily.IPv4, 1);
        for (int voter = 0; voter < 60; voter++)
        {
            Endpoint source = TestEndpoints.Public(IpFamily.IPv4, voter);

            // No query was sent; one was, but to another node; a query; an error; a reply that names no id.
            _node.Receive(Reply("zzzz", NodeId.Random(_random), ours), source);
            _node.Node.Ping(TestEndpoints.Public(IpFamily.IPv4, 5_000 + voter), _node.Now);
            _node.Receive(Reply(_node.TakeQuery().TransactionId, NodeId.Random(_random), ours), source);
            _node.Receive(
                Bytes($"d1:ad2:id20:{IdA}e2:ip{Str(WireText.Of(ours))}1:q4:ping2:roi1e1:t2:aa1:y1:qe"), source);
            _node.Take();
            _node.Node.Ping(source, _node.Now);
            string transaction = _node.TakeQuery().TransactionId;
            _node.Receive(Bytes($"d2:ip{Str(WireText.Of(ours))}1:rde1:t8:{transaction}1:y1:re"), source);
            _node.Receive(Bytes($"d1:eli201e1:xe2:ip{Str(WireText.Of(ours))}1:t8:{transaction}1:y1:ee"), source);
        }

        Assert.Equal((60, 60), (_node.Counters.WrongSource, _node.Counters.Errors));
        Assert.Empty(_changes.Told);
        Assert.False(_node.Node.TryGetExternalAddress(IpFamily.IPv4, out _));
    }

    private static Endpoint Ours(IpFamily family, int number) => family == IpFamily.IPv4
        ? Endpoint.FromIPv4(0x5DB8_D800 + (uint)number, 6881)
        : Endpoint.FromIPv6(0x2A02_8108_0001_0000, (ulong)number, 6881);

    private static byte[] Reply(string transaction, NodeId id, Endpoint observed) =>
        Bytes($"d2:ip{Str(WireText.Of(observed))}1:rd2:id20:{WireText.Of(id)}e1:t{Str(transaction)}1:y1:re");

    /// <summary>Asks a source, which answers and says where it sees us.</summary>
    private void Vote(IpFamily family, int voter, Endpoint observed)
    {
        Endpoint source = TestEndpoints.Public(family, voter);
        _node.Take();
        while (_node.Node.Ping(source, _node.Now) != AskResult.Sent)
        {
            _node.Advance(TimeSpan.FromMilliseconds(250));
            _node.Take();
        }

        _node.Receive(Reply(_node.TakeQuery().TransactionId, NodeId.Random(_random), observed), source);
    }

    private sealed class Changes : INodeObserver
    {
        public List<string> Told { get; } = [];

        public void OnExternalAddressChanged(in Endpoint previous, in Endpoint current) =>
            Told.Add($"{(previous.Family == IpFamily.None ? "None" : previous)} > {current}");
    }
}
