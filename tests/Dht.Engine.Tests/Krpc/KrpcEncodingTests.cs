using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Bencode;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Engine;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Krpc;

/// <summary>
/// KRPC encoding: keys go out sorted; a transaction id of any length from 1 to 255 bytes is echoed; what is canonical
/// is the same bytes again after decoding and encoding; <c>v</c> is a setting.
/// </summary>
public sealed class KrpcEncodingTests
{
    [Fact]
    public async Task TransactionIdsOf1To255Bytes_AreEchoedInCanonicalReplies()
    {
        await using DhtEngine engine = Loopback.Start(
            Loopback.Options() with { Node = new NodeOptions { AnswersPerSecondPerAddress = 0 } });
        using Socket socket = Loopback.Connect(engine);
        string[] queries = ["4:ping", "9:find_node", "5:hello"];
        for (int length = 1; length <= 255; length++)
        {
            foreach (string method in queries)
            {
                string id = Fill(length, length);
                byte[] reply = Loopback.Ask(
                    socket, Bytes($"d1:ad2:id20:{IdA}6:target20:{IdB}e1:q{method}1:t{Str(id)}1:y1:qe"));
                Assert.True(CanonicalWalk.IsCanonical(reply), $"{method} with t of {length} bytes: {Text(reply)}");
                KrpcMessage.Parse(reply, out KrpcMessage message);
                Assert.Equal(id, Text(message.TransactionId));
            }
        }
    }

    [Fact]
    public void AllThatIsAskedAndAnswered_HasSortedKeys()
    {
        var node = new NodeHarness(new NodeOptions { ReadOnly = true, QueriesPerSecondPerAddress = 0 });
        node.Node.Ping(NodeHarness.Asker, node.Now);
        node.Node.FindNode(NodeHarness.Asker, node.Node.Id, IpFamily.Both, node.Now);
        node.Node.GetPeers(NodeHarness.Asker, default, IpFamily.Both, node.Now);
        node.Node.AnnouncePeer(NodeHarness.Asker, default, 0, "token"u8, node.Now);
        List<(Endpoint To, byte[] Datagram)> queries = node.Take();
        Assert.Equal(4, queries.Count);
        Assert.All(queries, static sent => Assert.True(CanonicalWalk.IsCanonical(sent.Datagram), Text(sent.Datagram)));

        var answering = new NodeHarness();
        foreach (byte[] sample in KrpcSamples.All)
        {
            string reply = answering.Ask(sample);
            Assert.True(reply.Length == 0 || CanonicalWalk.IsCanonical(Bytes(reply)), reply);
        }
    }

    [Theory]
    [MemberData(nameof(KrpcSamples.Names), MemberType = typeof(KrpcSamples))]
    public void WhatIsCanonical_SurvivesDecodingAndEncoding(string sample)
    {
        byte[] bytes = KrpcSamples.Get(sample);
        Assert.Equal(bytes, BencodeValue.Parse(bytes, BencodeMode.Strict).ToBytes());
    }

    [Theory]
    [InlineData("XY12", "1:v4:XY12")]
    [InlineData("a longer name", "1:v13:a longer name")]
    [InlineData("", null)]
    public void TheVersion_IsASetting(string version, string? expected)
    {
        var node = new NodeHarness(new NodeOptions { Version = Bytes(version) });
        string pong = node.Ask(NodeHarness.Ping);
        string error = node.Ask(Query("hello"));
        node.Take();
        node.Node.Ping(Endpoint.Parse("9.9.9.9:1"), node.Now);
        foreach (string text in new[] { pong, error, node.TakeQuery().Text })
        {
            Assert.Equal(expected != null, text.Contains("1:v", StringComparison.Ordinal));
            Assert.Contains(expected ?? "1:t", text, StringComparison.Ordinal);
        }
    }
}
