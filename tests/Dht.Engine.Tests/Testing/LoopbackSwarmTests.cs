using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Testing;

namespace Dht.Engine.Tests.Testing;

public sealed class LoopbackSwarmTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RepliesComeFromTheAddressAsked(bool manyPorts)
    {
        using var swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 40, ManyPorts = manyPorts });
        using var client = new SwarmClient();
        var random = new SeededRandomSource(2);
        for (int i = 0; i < swarm.NodeCount; i++)
        {
            Endpoint node = swarm.EndpointOf(i);
            byte[] bytes = client.Ask(node, SwarmClient.FindNode(NodeId.Random(random)), out Endpoint from);

            Assert.Equal(node, from);
            Assert.Equal(KrpcFault.None, KrpcMessage.Parse(bytes, out KrpcMessage reply));
            Assert.Equal(swarm.IdOf(i), reply.SenderId);
            Assert.Equal(8, reply.Nodes.Count);
            foreach (CompactNode contact in reply.Nodes)
            {
                Assert.True(swarm.TryGetIndex(contact.Endpoint, out int index));
                Assert.Equal(swarm.IdOf(index), contact.Id);
                Assert.NotEqual(i, index);
            }
        }

        Assert.Equal(40, swarm.DatagramsReceived);
        Assert.Equal(0, swarm.DatagramsLost);
        Assert.Equal(0, swarm.DatagramsMalformed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DeadNodes_AreSilent(bool manyPorts)
    {
        using var swarm = LoopbackSwarm.Start(
            new LoopbackSwarmOptions { Nodes = 100, DeadPercent = 50, ManyPorts = manyPorts });
        using var client = new SwarmClient();
        int[] dead = [.. Enumerable.Range(0, 100).Where(i => swarm.KindOf(i) == SwarmNodeKind.Dead)];
        Assert.InRange(dead.Length, 25, 75);
        Assert.Equal(100 - dead.Length, swarm.LiveCount);
        Assert.Equal(SwarmNodeKind.Live, swarm.KindOf(0));

        foreach (int node in dead)
        {
            client.Send(swarm.EndpointOf(node), SwarmClient.FindNode(default));
        }

        // Asks a live node until all others have been heard too, and once more: whatever a dead one said would be
        // here by then.
        int asked = 0;
        var waited = Stopwatch.StartNew();
        for (bool last = false; !last && waited.Elapsed < TimeSpan.FromSeconds(60); asked++)
        {
            last = swarm.DatagramsReceived - asked == dead.Length;
            client.Ask(swarm.EndpointOf(0), SwarmClient.FindNode(default), out Endpoint from);
            Assert.Equal(swarm.EndpointOf(0), from);
        }

        Assert.Equal(dead.Length + asked, swarm.DatagramsReceived);
    }

    [Fact]
    public void Addresses_OnePort()
    {
        using var swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 300 });
        if (swarm.Notice != null)
        {
            return;
        }

        Assert.Equal(Endpoint.FromIPv4(0x7F010000, swarm.Port), swarm.EndpointOf(0));
        Assert.Equal(Endpoint.FromIPv4(0x7F01012B, swarm.Port), swarm.EndpointOf(299));
        Assert.True(swarm.TryGetIndex(swarm.EndpointOf(299), out int index));
        Assert.Equal(299, index);
        Assert.False(swarm.TryGetIndex(Endpoint.FromIPv4(0x7F01012C, swarm.Port), out _));
        Assert.False(swarm.TryGetIndex(Endpoint.FromIPv4(0x7F00FFFF, swarm.Port), out _));
        Assert.False(swarm.TryGetIndex(swarm.EndpointOf(0).WithPort(1), out _));
        Assert.False(swarm.TryGetIndex(Endpoint.FromIPv6(0, 0x7F010000, swarm.Port), out _));
    }

    [Fact]
    public void SameSeed_SameSwarm()
    {
        var options = new LoopbackSwarmOptions { Nodes = 500, Seed = 42, DeadPercent = 20, HostilePercent = 20 };
        using var one = LoopbackSwarm.Start(options);
        using var two = LoopbackSwarm.Start(options);
        using var other = LoopbackSwarm.Start(options with { Seed = 43 });

        Assert.NotEqual(one.Port, two.Port);
        Assert.Equal(Describe(one), Describe(two));
        Assert.NotEqual(Describe(one), Describe(other));
        Assert.Empty(Ids(one).Intersect(Ids(other)));
    }

    [Fact]
    public void SameSeed_SameContacts()
    {
        var options = new LoopbackSwarmOptions { Nodes = 500 };
        using var one = LoopbackSwarm.Start(options);
        using var two = LoopbackSwarm.Start(options);
        using var client = new SwarmClient();
        byte[] query = SwarmClient.FindNode(NodeId.Random(new SeededRandomSource(5)));

        Assert.Equal(
            ContactIds(client.Ask(one.EndpointOf(3), query, out _)),
            ContactIds(client.Ask(two.EndpointOf(3), query, out _)));
    }

    [Fact]
    public void HostileNode_AnswersThroughTheSocketToo()
    {
        using var swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 300, HostilePercent = 100 });
        using var client = new SwarmClient();
        int node = Enumerable.Range(0, swarm.NodeCount).First(i => swarm.TrickOf(i) == SwarmTrick.ServerError);
        byte[] bytes = client.Ask(swarm.EndpointOf(node), SwarmClient.FindNode(default), out _);

        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(bytes, out KrpcMessage reply));
        Assert.Equal(KrpcErrorCode.Server, reply.ErrorCode);
        Assert.Equal(1, swarm.LiveCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Burst_EveryQueryIsAnswered(bool manyPorts)
    {
        using var swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 200, ManyPorts = manyPorts });
        using var client = new SwarmClient();
        for (int i = 0; i < swarm.NodeCount; i++)
        {
            client.Send(swarm.EndpointOf(i), SwarmClient.FindNode(swarm.IdOf(i)));
        }

        var heard = new HashSet<Endpoint>();
        for (int i = 0; i < swarm.NodeCount; i++)
        {
            client.Receive(out Endpoint from);
            heard.Add(from);
        }

        Assert.Equal(swarm.NodeCount, heard.Count);
    }

    [Fact]
    public void Million_TakesLessThan200BytesANode()
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        using var swarm = LoopbackSwarm.Start(
            new LoopbackSwarmOptions { Nodes = 1_000_000, DeadPercent = 10, HostilePercent = 5 });
        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        if (swarm.Notice != null)
        {
            return;
        }

        Assert.InRange(swarm.MemoryBytes, 12_000_000, 20_000_000);

        // Other tests run at the same time, so this is a bound with much room.
        Assert.True(grown < 200_000_000, $"{grown} bytes");
        using var client = new SwarmClient();
        int last = Enumerable.Range(0, 1_000_000).Last(i => swarm.KindOf(i) == SwarmNodeKind.Live);
        client.Ask(swarm.EndpointOf(last), SwarmClient.FindNode(default), out Endpoint from);
        Assert.Equal(swarm.EndpointOf(last), from);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_FreesThePort(bool manyPorts)
    {
        var swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 5, ManyPorts = manyPorts });
        var again = new LoopbackSwarmOptions { Nodes = 5, Port = swarm.Port, ManyPorts = manyPorts };
        SocketException taken = Assert.Throws<SocketException>(() => LoopbackSwarm.Start(again));
        Assert.Equal(SocketError.AddressAlreadyInUse, taken.SocketErrorCode);

        await swarm.DisposeAsync();
        swarm.Dispose();

        using var next = LoopbackSwarm.Start(again);
        Assert.Equal(again.Port, next.Port);
        Assert.Equal(again.Port, next.EndpointOf(0).Port);
    }

    [Fact]
    public void PortOfAnotherProgram_IsTaken()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var options = new LoopbackSwarmOptions { Nodes = 5, Port = (ushort)((IPEndPoint)other.LocalEndPoint!).Port };

        Assert.Throws<SocketException>(() => LoopbackSwarm.Start(options));
    }

    [Fact]
    public void ManyPorts_SmallerAndSaysSo()
    {
        using var swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 1000, ManyPorts = true });

        Assert.InRange(swarm.NodeCount, 100, 256);
        Assert.Contains("1000", swarm.Notice, StringComparison.Ordinal);
        Assert.Equal(swarm.NodeCount, Enumerable.Range(0, swarm.NodeCount).Select(swarm.EndpointOf).Distinct().Count());
        Assert.True(swarm.TryGetIndex(swarm.EndpointOf(17), out int index));
        Assert.Equal(17, index);
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        var good = new LoopbackSwarmOptions { Nodes = 10 };

        Assert.Throws<ArgumentNullException>(() => LoopbackSwarm.Start(null!));
        LoopbackSwarmOptions[] wrong =
        [
            good with { Nodes = 0 },
            good with { Nodes = LoopbackSwarm.NodesMax + 1 },
            good with { ContactsPerReply = 0 },
            good with { ContactsPerReply = 33 },
            good with { DeadPercent = -1 },
            good with { DeadPercent = 60, HostilePercent = 41 },
            good with { LossPercent = double.NaN },
        ];
        Assert.All(wrong, options => Assert.Throws<ArgumentOutOfRangeException>(() => LoopbackSwarm.Start(options)));
        using var swarm = LoopbackSwarm.Start(good);
        Assert.Throws<ArgumentOutOfRangeException>(() => swarm.EndpointOf(10));
        Assert.Throws<ArgumentOutOfRangeException>(() => swarm.IdOf(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => swarm.KindOf(10));
        Assert.Throws<ArgumentOutOfRangeException>(() => swarm.SampleOf(0, LoopbackSwarm.SamplesPerNode));
    }

    private static IEnumerable<NodeId> Ids(LoopbackSwarm swarm) =>
        Enumerable.Range(0, swarm.NodeCount).Select(swarm.IdOf);

    private static string Describe(LoopbackSwarm swarm) => string.Join(
        ' ', Enumerable.Range(0, swarm.NodeCount).Select(
            i => $"{swarm.IdOf(i)}/{swarm.KindOf(i)}/{swarm.TrickOf(i)}/{swarm.SampleOf(i, 1)}"));

    private static List<NodeId> ContactIds(byte[] reply)
    {
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(reply, out KrpcMessage message));
        var ids = new List<NodeId>();
        foreach (CompactNode contact in message.Nodes)
        {
            ids.Add(contact.Id);
        }

        return ids;
    }
}
