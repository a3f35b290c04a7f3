using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;
using static Dht.Engine.Tests.Support.NodeHarness;

namespace Dht.Engine.Tests.Node;

public sealed class NodeHostileTests
{
    private readonly NodeHarness _node = new(new NodeOptions { AnswersPerSecondPerAddress = 0 });

    [Theory]
    [InlineData("x")]
    [InlineData("d")]
    [InlineData("")]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:ze")]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:yi1ee")]
    [InlineData("d1:ad2:id2:abe1:q4:ping1:t2:aa1:y1:qe")]
    [InlineData("d1:a3:foo1:q4:ping1:t2:aa1:y1:qe")]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q2:\u00ff\u00fe1:t2:aa1:y1:qe")]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:ti7e1:y1:qe")]
    [InlineData("d1:eli201ee1:t4:aaaa1:y1:ee")]
    public void AnyDatagram_LeavesTheNodeAnswering(string datagram)
    {
        _node.Receive(Bytes(datagram));
        Assert.True(_node.AnswersPing());
    }

    [Fact]
    public void TwentyThousandNestedLists_LeaveTheNodeAnswering()
    {
        _node.Receive(Bytes(new string('l', 20_000)));
        _node.Receive(Bytes("d1:a" + new string('l', 20_000)));
        _node.Receive(Bytes("d1:a" + new string('l', 20_000) + new string('e', 20_000) + "1:q4:ping1:t2:aa1:y1:qe"));
        Assert.True(_node.AnswersPing());
    }

    [Fact]
    public void RandomDatagramsAndMutatedOnes_LeaveTheNodeAnswering()
    {
        const ulong seed = 99;
        var random = new SeededRandomSource(seed);
        byte[][] samples = KrpcSamples.All;
        for (int i = 0; i < 50_000; i++)
        {
            byte[] datagram = (byte[])samples[random.Next(samples.Length)].Clone();
            for (int changes = random.Next(4); changes > 0; changes--)
            {
                datagram[random.Next(datagram.Length)] = (byte)random.Next(256);
            }

            _node.Receive(datagram, Endpoint.FromIPv4(0x08000000 + (uint)random.Next(5000), 6881));
            if (i % 100 == 0)
            {
                _node.Advance(TimeSpan.FromMilliseconds(200));
                Assert.True(_node.AnswersPing(), $"seed {seed}, step {i}");
            }
        }
    }

    [Fact]
    public void Bogons_NeverGetAPacket()
    {
        var node = new NodeHarness(policy: AddressPolicy.Public);
        var nodes = new StringBuilder();
        string[] bogons =
            [
                "127.0.0.1:80", "10.0.0.1:80", "100.64.0.1:80", "192.168.1.1:80", "224.0.0.1:80",
                "255.255.255.255:80", "8.8.4.4:0",
            ];
        foreach (string bogon in bogons)
        {
            byte[] wire = new byte[26];
            new CompactNode(NodeId.Random(new SeededRandomSource((ulong)nodes.Length)), Endpoint.Parse(bogon))
                .Write(wire);
            nodes.Append(Text(wire));
        }

        byte[] good = new byte[26];
        new CompactNode(NodeId.Random(new SeededRandomSource(1000)), Endpoint.Parse("8.8.4.4:1")).Write(good);
        nodes.Append(Text(good));
        node.Node.AddRouter(Asker);
        node.Advance(TimeSpan.Zero);
        node.Receive(Pong(node.TakeQuery().TransactionId, IdB, "5:nodes" + Str(nodes.ToString())));
        Assert.Equal(Endpoint.Parse("8.8.4.4:1"), node.TakeQuery().To);
        Assert.Equal(AskResult.Forbidden, node.Node.Ping(Endpoint.Parse("127.0.0.1:1"), node.Now));
        Assert.Equal(1, node.Node.OpenQueries);
    }

    [Fact]
    public void AReplyOf2000Nodes_StartsNoMoreThanAlphaQueries()
    {
        var list = new StringBuilder();
        byte[] wire = new byte[26];
        for (uint i = 0; i < 2_000; i++)
        {
            new CompactNode(NodeId.Random(new SeededRandomSource(i)), Endpoint.FromIPv4(0x09000000
                + (i * 256), 6881)).Write(wire);
            list.Append(Text(wire));
        }

        _node.Node.AddRouter(Asker);
        _node.Advance(TimeSpan.Zero);
        _node.Receive(Pong(_node.TakeQuery().TransactionId, IdB, "5:nodes" + Str(list.ToString())));
        Assert.InRange(_node.Take().Count, 1, new NodeOptions().LookupParallelism);
    }

    [Fact]
    public void ManyPortsOfOneVictim_GetNoFloodOfPings()
    {
        int sent = 0;
        for (int round = 0; round < 60; round++)
        {
            var list = new StringBuilder();
            byte[] wire = new byte[26];
            for (int i = 0; i < 16; i++)
            {
                ulong number = (ulong)((round * 16) + i);
                new CompactNode(NodeId.Random(new SeededRandomSource(number)), Endpoint.FromIPv4(0x09090909, (ushort)(1
                    + number))).Write(wire);
                list.Append(Text(wire));
            }

            // Each lookup begins at another liar, which names nothing but the victim.
            Endpoint liar = Endpoint.FromIPv4(0x0A000000 + ((uint)round << 16), 1);
            NodeId target = NodeId.Random(new SeededRandomSource((ulong)round));
            var table = _node.Node.Table(IpFamily.IPv4);
            table.Insert(target, liar, _node.Now);
            Assert.True(
                _node.Node.TryStartLookup(new LookupRequest { Target = target }, _node.Now, out LookupHandle lookup));
            _node.Advance(TimeSpan.Zero);
            foreach ((Endpoint to, byte[] datagram) in _node.Take().Where(entry => entry.To == liar))
            {
                KrpcMessage.Parse(datagram, out KrpcMessage query);
                byte[] id = new byte[20];
                target.CopyTo(id);
                _node.Receive(Pong(Text(query.TransactionId), Text(id), "5:nodes" + Str(list.ToString())), to);
            }

            _node.Node.CancelLookup(lookup, _node.Now);
            sent += _node.Take().Count(entry => entry.To.IPv4Bits == 0x09090909);
        }

        Assert.InRange(sent, 1, 4);
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void NoReply_IsLongerThan1024Bytes(IpFamily family)
    {
        var node = new NodeHarness(
            new NodeOptions { AnswersPerSecondPerAddress = 0, ContactsPerReply = 16, Version = new byte[16] });
        var random = new SeededRandomSource(3);
        for (uint i = 0; i < 200; i++)
        {
            node.Node.Table(IpFamily.IPv4).Insert(
                NodeId.Random(random), Endpoint.FromIPv4(0x08000000 + (i << 8), 1), node.Now);
            node.Node.Table(IpFamily.IPv6).Insert(
                NodeId.Random(random), Endpoint.FromIPv6(0x2001_4860_0000_0000ul + i, i, 1), node.Now);
            node.Node.Peers.TryAdd(InfoHash.Random(random), Endpoint.FromIPv4(0x08000000 + i, 1), node.Now);
            node.Node.Peers.TryAdd(new InfoHash(Bytes(IdB)), Endpoint.FromIPv4(0x08000000 + i, 1), node.Now);
            node.Node.Peers.TryAdd(
                new InfoHash(Bytes(IdB)), Endpoint.FromIPv6(0x2001_4860_0000_0000ul + i, i, 1), node.Now);
        }

        foreach (string want in new[] { "", "4:wantl2:n4e", "4:wantl2:n6e", "4:wantl2:n42:n6e" })
        {
            foreach (string method in new[] { "find_node", "get_peers", "sample_infohashes" })
            {
                foreach (int length in new[] { 1, 4, 255 })
                {
                    string key = method == "get_peers" ? "9:info_hash" : "6:target";
                    byte[] query = Bytes(
                        $"d1:ad2:id20:{IdA}{key}20:{IdB}{want}e1:q{Str(method)}1:t{Str(Fill(length))}1:y1:qe");
                    string reply = node.Ask(query, family == IpFamily.IPv4 ? Asker : Asker6);
                    Assert.EndsWith("1:y1:re", reply, StringComparison.Ordinal);
                    Assert.True(reply.Length <= 1024, $"{method} {want} with t of {length}: {reply.Length} bytes");
                    Assert.True(method != "get_peers" || reply.Contains("6:valuesl", StringComparison.Ordinal));
                    Assert.True(
                        method != "sample_infohashes" || !reply.Contains("7:samples0:", StringComparison.Ordinal));
                }
            }
        }
    }

    [Fact]
    public void AFloodOfAskers_OpensAtMostHalfOfTheSlots()
    {
        var random = new SeededRandomSource(4);
        for (uint i = 0; i < 10_000; i++)
        {
            string id = Text(Enumerable.Range(0, 20).Select(_ => (byte)random.Next(256)).ToArray());
            _node.Receive(Bytes($"d1:ad2:id20:{id}e1:q4:ping1:t2:aa1:y1:qe"), Endpoint.FromIPv4(0x09000000 + i, 1));
            _node.Outbox.Clear();
        }

        Assert.InRange(_node.Node.OpenQueries, 1, 256);
        Assert.Equal(0, _node.Node.ContactCount);
        Assert.Equal(AskResult.Sent, _node.Node.Ping(Asker, _node.Now));
    }
}
