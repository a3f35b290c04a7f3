using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// Who says it: answers count from the endpoint that was asked, once, in time, and under an id that can be.
/// </summary>
public sealed class HostileSourceTests
{
    public static TheoryData<IpFamily> Families => SocketPair.Families;

    [Theory]
    [MemberData(nameof(Families))]
    public async Task AReplyFromAWrongPort_IsCounted_AndTheRightOneStillTaken(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        using Socket other = pair.OpenSocket();
        var received = new ReceivedReply();
        string transaction = await pair.AskAsync(received);
        for (int i = 1; i <= 50; i++)
        {
            other.Send(NodeHarness.Pong(transaction));
            other.Send(Bytes($"d1:eli201e2:noe1:t{Str(transaction)}1:y1:ee"));
        }

        // One socket of the engine takes all in order, so what is sent from here next arrives after them.
        Assert.Empty(pair.Exchange());
        Assert.Equal((100, "open"), (pair.Counters.Node.WrongSource, received.End));
        pair.Exchange(NodeHarness.Pong(transaction));
        Assert.Equal(("response", 1), (received.End, received.Ends));
    }

    /// <summary>
    /// Over a socket where the machine has a second address of the family; the crawler and IPv6 without one.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families))]
    public async Task AReplyFromAWrongAddress_IsCounted_AndTheRightOneStillTaken(IpFamily family)
    {
        if (family == IpFamily.IPv4 && TestEndpoints.HasManyAddresses)
        {
            await using SocketPair pair = SocketPair.Start(family);
            using Socket other = pair.OpenSocket("127.0.0.2");
            var received = new ReceivedReply();
            string transaction = await pair.AskAsync(received);
            other.Send(NodeHarness.Pong(transaction));
            Assert.Empty(pair.Exchange());
            Assert.Equal((1, "open"), (pair.Counters.Node.WrongSource, received.End));
            pair.Exchange(NodeHarness.Pong(transaction));
            Assert.Equal("response", received.End);
        }

        Endpoint asked = family == IpFamily.IPv6 ? NodeHarness.Asker6 : NodeHarness.Asker;
        foreach (Endpoint wrong in Strangers(asked))
        {
            var node = new NodeHarness();
            var received = new ReceivedReply();
            node.Node.Ping(asked, node.Now, received);
            string transaction = node.TakeQuery().TransactionId;
            node.Receive(NodeHarness.Pong(transaction), wrong);
            Assert.Equal((1, "open"), (node.Counters.WrongSource, received.End));
            node.Receive(NodeHarness.Pong(transaction), asked);
            Assert.Equal("response", received.End);

            var crawl = new CrawlBench(family);
            crawl.Receive(Text(NodeHarness.Pong(crawl.Transaction)), wrong);
            Assert.Equal((1, 0), (crawl.Crawler.Counters.Rejected, crawl.Found));
            crawl.Receive(Text(NodeHarness.Pong(crawl.Transaction)));
            Assert.Equal(1, crawl.Found);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task OurOwnQueryReflected_IsCountedAndNotAnswered(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        Endpoint here = pair.Here;
        await pair.Engine.InvokeAsync((node, now) => node.FindNode(here, node.Id, default, now));
        byte[] query = pair.Receive();
        Assert.EndsWith("1:y1:qe", Text(query), StringComparison.Ordinal);
        Assert.Empty(pair.Exchange(query));
        Assert.Equal(1, pair.Counters.Node.Reflected);

        // It stays open, perhaps beside a verifying ping.
        Assert.InRange((await pair.StateAsync()).Open, 1, 2);
        await pair.AssertNothingGrowsAsync([query]);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task AReplyUnderOurOwnIdOrNone_IsCounted_AndLeavesTheQueryOpen(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        string[] bodies =
        [
            "2:id20:" + WireText.Of(pair.Engine.Id), "2:id19:" + IdB[1..], "2:id21:" + IdB
                + "x", "2:id0:", "2:idi7e", "2:idl20:" + IdB + "e",
            "2:ix20:" + IdB,
        ];
        foreach (string body in bodies)
        {
            var received = new ReceivedReply();
            string transaction = await pair.AskAsync(received);
            long before = pair.Counters.Node.WrongId;
            pair.Exchange(Bytes($"d1:rd{body}e1:t{Str(transaction)}1:y1:re"));
            Assert.Equal((1, "open"), (pair.Counters.Node.WrongId - before, received.End));
            pair.Exchange(NodeHarness.Pong(transaction));
            Assert.Equal(("response", 1), (received.End, received.Ends));

            var crawl = new CrawlBench(family);
            string mine = body.Replace(
                WireText.Of(pair.Engine.Id), WireText.Of(crawl.Crawler.Id), StringComparison.Ordinal);
            crawl.Receive($"d1:rd{mine}e1:t{Str(crawl.Transaction)}1:y1:re");
            Assert.Equal((1, 0), (crawl.Crawler.Counters.Rejected, crawl.Found));
            crawl.Receive(Text(NodeHarness.Pong(crawl.Transaction)));
            Assert.Equal(1, crawl.Found);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task AVerifyingPingThatAnotherIdAnswers_BringsThatIdIntoTheTable(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        pair.Exchange();
        pair.Exchange();
        byte[] ping = Assert.Single(pair.Queries);
        string transaction = TransactionOf(ping);
        pair.Exchange(NodeHarness.Pong(transaction, IdB));
        Assert.Equal(1, (await pair.StateAsync()).Contacts);
        pair.Exchange(NodeHarness.Pong(transaction, IdA));
        Assert.Equal((1, 1), ((await pair.StateAsync()).Contacts, pair.Counters.Node.Unexpected));
        Assert.Contains(
            IdB,
            Assert.Single(pair.Exchange(Query("find_node", $"6:target20:{IdB}"))),
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task AnIdOf19Or21Bytes_InAQuery_IsAnsweredWith203(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        await pair.AssertAsync([.. new[] { 0, 1, 19, 21, 40, 1000 }.Select(length =>
            new HostileCase(
                $"id of {length}", $"d1:ad2:id{Str(Fill(length))}e1:q4:ping1:t2:aa1:y1:qe", Outcome.Error203))]);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task ADuplicateReply_IsCountedAndChangesNothing(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        var received = new ReceivedReply();
        byte[] pong = NodeHarness.Pong(await pair.AskAsync(received));
        pair.Exchange([.. Enumerable.Repeat(pong, 21)]);
        Assert.Equal(("response", 1, 20), (received.End, received.Ends, pair.Counters.Node.Unexpected));
        await pair.AssertNothingGrowsAsync([pong]);

        var crawl = new CrawlBench(family);
        for (int i = 0; i < 20; i++)
        {
            crawl.Receive(Text(NodeHarness.Pong(crawl.Transaction)));
        }

        Assert.Equal((1, 1), (crawl.Found, crawl.Crawler.Counters.Responses));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task ALateReply_IsCountedAndChangesNothing(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(
            family, SocketPair.Unthrottled with { QueryTimeout = TimeSpan.FromMilliseconds(50) });
        var received = new ReceivedReply();
        string transaction = await pair.AskAsync(received);
        await Eventually.Holds(() => received.End == "timeout", "a query without an answer ends");
        long before = pair.Counters.Node.Unexpected;
        pair.Exchange(NodeHarness.Pong(transaction));
        Assert.Equal((1, 1), (pair.Counters.Node.Unexpected - before, received.Ends));
        Assert.Equal(0, (await pair.StateAsync()).Contacts);
    }

    /// <summary>
    /// After the long timeout the crawl asks once more; the answer to the first query then counts for none.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void ALateReplyToACrawl_IsNone(IpFamily family)
    {
        var crawl = new CrawlBench(family);
        Assert.Empty(crawl.Turn(TimeSpan.FromSeconds(30)));
        Assert.Single(crawl.Turn());
        crawl.Receive(Text(NodeHarness.Pong(crawl.Transaction)));
        Assert.Equal((0, 1), (crawl.Found, crawl.Crawler.Counters.Timeouts));
    }

    private static string TransactionOf(byte[] query)
    {
        Dht.Engine.Krpc.KrpcMessage.Parse(query, out Dht.Engine.Krpc.KrpcMessage message);
        return Text(message.TransactionId);
    }

    private static IEnumerable<Endpoint> Strangers(Endpoint asked) => asked.IsIPv6
        ? [
            Endpoint.FromIPv6(asked.UpperBits, asked.LowerBits ^ 1, asked.Port), Endpoint.FromIPv6(
                asked.UpperBits ^ 1, asked.LowerBits, asked.Port),
            asked.WithPort(1), Endpoint.FromIPv4((uint)asked.LowerBits, asked.Port),
        ]
        : [
            Endpoint.FromIPv4(asked.IPv4Bits ^ 1, asked.Port), Endpoint.FromIPv4(
                asked.IPv4Bits ^ 0x80000000, asked.Port),
            asked.WithPort(1), Endpoint.FromIPv6(0, 0xFFFF_0000_0000ul | asked.IPv4Bits, asked.Port),
        ];
}
