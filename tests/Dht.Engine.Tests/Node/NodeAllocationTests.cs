using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

public sealed class NodeAllocationTests
{
    private const int Senders = 61;

    [Theory]
    [InlineData("ping")]
    [InlineData("find_node")]
    [InlineData("find_node of both families")]
    [InlineData("get_peers")]
    [InlineData("sample_infohashes")]
    [InlineData("announce_peer")]
    [InlineData("unknown method")]
    public void AnAnsweredQuery_AllocatesNothing(string name)
    {
        var node = new NodeHarness(new NodeOptions
        {
            AnswersPerSecondPerAddress = 1e6,
            AnswerBurst = 1000,
            AnswerBytesPerSecond = 1e12,
            AnswerBytesPerSecondPerNetwork = 1e12,
        });
        var random = new SeededRandomSource(5);
        for (uint i = 0; i < 200; i++)
        {
            node.Node.Table(IpFamily.IPv4).Insert(
                NodeId.Random(random), Endpoint.FromIPv4(0x09000000 + (i << 8), 1), node.Now);
        }

        byte[][] queries = [.. Enumerable.Range(0, Senders).Select(_ => QueryOfAnother(name, random))];
        Assert.Equal(0, AllocationGuard.OnThread((node, queries), static state =>
        {
            for (int i = 0; i < 100 * Senders; i++)
            {
                var source = Endpoint.FromIPv4(0x08000000 + (uint)(i % Senders), 6881);
                state.node.Node.Receive(state.queries[i % Senders], source, state.node.Now);
                state.node.Node.Tick(state.node.Now);
                state.node.Outbox.Clear();
            }
        }));
        Assert.True(node.Counters.QueriesAnswered + node.Counters.ErrorsSent >= 4 * 100 * Senders);
    }

    [Fact]
    public void AQueryOfOurs_AllocatesNothingFromAskToEnd()
    {
        var node = new NodeHarness(new NodeOptions { QueriesPerSecondPerAddress = 0 });
        Assert.Equal(0, AllocationGuard.OnThread(node, static node =>
        {
            Span<byte> reply = stackalloc byte[64];
            for (int i = 0; i < 1000; i++)
            {
                var destination = Endpoint.FromIPv4(0x08000000 + (uint)(i % Senders), 6881);
                node.Node.Ping(destination, node.Now);
                ReadOnlySpan<byte> query = node.Outbox.Datagram(0);
                int at = query.IndexOf("1:t8:"u8);
                "d1:rd2:id20:abcdefghij0123456789e1:t8:"u8.CopyTo(reply);
                query.Slice(at + 5, 8).CopyTo(reply[38..]);
                "1:y1:re"u8.CopyTo(reply[46..]);
                node.Outbox.Clear();
                if (i % 3 != 0)
                {
                    node.Node.Receive(reply[..53], destination, node.Now);
                }
                else
                {
                    node.Node.Tick(node.Now + TimeSpan.FromSeconds(10));
                }

                node.Outbox.Clear();
            }
        }));
        Assert.True(node.Counters.Responses > 2_000 && node.Counters.Timeouts > 1_000);
    }

    private static byte[] QueryOfAnother(string name, SeededRandomSource random)
    {
        byte[] query = (byte[])KrpcSamples.Get(name).Clone();
        random.Fill(query.AsSpan(query.AsSpan().IndexOf("2:id20:"u8) + 7, 20));
        return query;
    }
}
