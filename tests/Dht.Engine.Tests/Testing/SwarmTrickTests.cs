using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Testing;
using Dht.Engine.Testing.Swarm;

namespace Dht.Engine.Tests.Testing;

public sealed class SwarmTrickTests
{
    private static readonly byte[] Query = SwarmClient.FindNode(NodeId.Random(new SeededRandomSource(99)));

    private readonly SwarmBench _bench = new(2000, hostile: 50);

    [Fact]
    public void EveryTrickIsPlayedBySome()
    {
        Assert.All(Enum.GetValues<SwarmTrick>(), trick => Assert.True(NodesWith(trick).Count() > 30));
        Assert.Equal(
            NodesWith(SwarmTrick.None).Count(), Enumerable.Range(0, 2000).Count(
                i => _bench.Population.KindOf(i) == SwarmNodeKind.Live));
    }

    [Fact]
    public void InventedContacts_LieBehindTheSwarm()
    {
        KrpcMessage reply = Reply(SwarmTrick.InventedContacts);

        Assert.Equal(8, reply.Nodes.Count);
        foreach (CompactNode contact in reply.Nodes)
        {
            Assert.True(SwarmAddressBook.IsLoopback(contact.Endpoint.IPv4Bits));
            Assert.False(_bench.Addresses.TryGetIndex(contact.Endpoint, out _));
        }
    }

    [Fact]
    public void VictimContacts_OneAddressManyPorts()
    {
        KrpcMessage reply = Reply(SwarmTrick.VictimContacts);
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(Query, out KrpcMessage query));

        var ports = new HashSet<ushort>();
        foreach (CompactNode contact in reply.Nodes)
        {
            Assert.Equal(SwarmResponder.VictimAddress, contact.Endpoint.IPv4Bits);
            Assert.True(contact.Id.CommonPrefixLength(query.Target) >= 48);
            ports.Add(contact.Endpoint.Port);
        }

        Assert.Equal(8, ports.Count);
        Assert.DoesNotContain((ushort)0, ports);
    }

    [Fact]
    public void Garbage_IsNoMessage()
    {
        byte[] garbage = _bench.Ask(NodeOf(SwarmTrick.Garbage), Query).ToArray();

        Assert.NotEmpty(garbage);
        Assert.NotEqual(KrpcFault.None, KrpcMessage.Parse(garbage, out _));
        Assert.NotEqual(garbage, _bench.Ask(NodeOf(SwarmTrick.Garbage), Query).ToArray());
    }

    [Fact]
    public void Truncated_BreaksOff()
    {
        ReadOnlySpan<byte> half = _bench.Ask(NodeOf(SwarmTrick.Truncated), Query);

        Assert.True(half.StartsWith("d2:ip6:"u8));
        Assert.Equal(KrpcFault.BadBencode, KrpcMessage.Parse(half, out _));
    }

    [Fact]
    public void WrongTransactionId_SameLengthOtherBytes()
    {
        KrpcMessage reply = Reply(SwarmTrick.WrongTransactionId);

        Assert.Equal(2, reply.TransactionId.Length);
        Assert.False(reply.TransactionId.SequenceEqual("tt"u8));
        Assert.Equal(8, reply.Nodes.Count);
    }

    [Fact]
    public void TooManyContacts_FiftyInOneFrame()
    {
        Assert.Equal(50, Reply(SwarmTrick.TooManyContacts).Nodes.Count);
        Assert.InRange(_bench.Ask(NodeOf(SwarmTrick.TooManyContacts), Query).Length, 1300, 1400);
    }

    [Fact]
    public void BogonContacts_NoneIsUsable()
    {
        KrpcMessage reply = Reply(SwarmTrick.BogonContacts);

        Assert.Equal(8, reply.Nodes.Count);
        foreach (CompactNode contact in reply.Nodes)
        {
            Assert.True(contact.Endpoint.Port == 0 || !SwarmAddressBook.IsLoopback(contact.Endpoint.IPv4Bits));
        }
    }

    [Fact]
    public void BorrowedId_IsThatOfAnother()
    {
        int node = NodeOf(SwarmTrick.BorrowedId);
        NodeId id = Reply(SwarmTrick.BorrowedId).SenderId;

        Assert.NotEqual(_bench.Population.IdOf(node), id);
        Assert.Contains(id, Enumerable.Range(0, 2000).Select(_bench.Population.IdOf));
    }

    [Fact]
    public void ServerError_202()
    {
        KrpcMessage reply = Reply(SwarmTrick.ServerError);

        Assert.Equal(KrpcKind.Error, reply.Kind);
        Assert.Equal(KrpcErrorCode.Server, reply.ErrorCode);
    }

    [Fact]
    public void EveryThird_TwoSilencesThenAnAnswer()
    {
        int node = NodeOf(SwarmTrick.EveryThird);
        int other = NodesWith(SwarmTrick.EveryThird).ElementAt(1);
        bool[] answered = new bool[9];
        for (int i = 0; i < answered.Length; i++)
        {
            answered[i] = !_bench.Ask(node, Query).IsEmpty;
            Assert.Equal(answered[i], !_bench.Ask(other, Query).IsEmpty);
        }

        Assert.Equal([false, false, true, false, false, true, false, false, true], answered);
    }

    [Fact]
    public void RepeatedContact_NamesOneNodeEightTimes()
    {
        KrpcMessage reply = Reply(SwarmTrick.RepeatedContact);

        Assert.Equal(8, reply.Nodes.Count);
        foreach (CompactNode contact in reply.Nodes)
        {
            Assert.Equal(new CompactNode(_bench.Population.IdOf(0), _bench.Addresses[0]), contact);
        }
    }

    [Fact]
    public void RaggedContacts_CannotBeToldApart()
    {
        KrpcMessage reply = Reply(SwarmTrick.RaggedContacts);

        Assert.False(reply.Nodes.IsWellFormed);
        Assert.Equal(0, reply.Nodes.Count);
    }

    [Fact]
    public void AskersId_IsThatOfTheQuery()
    {
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(Query, out KrpcMessage query));

        Assert.Equal(query.SenderId, Reply(SwarmTrick.AskersId).SenderId);
    }

    [Fact]
    public void OneIdManyAddresses_AreItsOwnIdAndNobodysAddresses()
    {
        KrpcMessage reply = Reply(SwarmTrick.OneIdManyAddresses);

        Assert.Equal(8, reply.Nodes.Count);
        foreach (CompactNode contact in reply.Nodes)
        {
            Assert.Equal(reply.SenderId, contact.Id);
            Assert.False(_bench.Addresses.TryGetIndex(contact.Endpoint, out _));
        }
    }

    [Fact]
    public void AskerAsContact_PointsBack()
    {
        foreach (CompactNode contact in Reply(SwarmTrick.AskerAsContact).Nodes)
        {
            Assert.Equal(SwarmBench.Asker, contact.Endpoint);
        }
    }

    [Fact]
    public void Reflected_IsTheQuery() =>
        Assert.Equal(Query, _bench.Ask(NodeOf(SwarmTrick.Reflected), Query).ToArray());

    [Fact]
    public void AllTricks_AllocateNothing()
    {
        int[] nodes = [.. Enum.GetValues<SwarmTrick>().Select(NodeOf)];
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 2000; i++)
            {
                foreach (int node in nodes)
                {
                    _bench.Ask(node, Query);
                }
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private IEnumerable<int> NodesWith(SwarmTrick trick) =>
        Enumerable.Range(0, _bench.Population.Count).Where(i => _bench.Population.TrickOf(i) == trick);

    private int NodeOf(SwarmTrick trick) => NodesWith(trick).First();

    private KrpcMessage Reply(SwarmTrick trick)
    {
        ReadOnlySpan<byte> bytes = _bench.Ask(NodeOf(trick), Query);
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(bytes, out KrpcMessage reply));
        return reply;
    }
}
