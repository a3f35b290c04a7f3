using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Engine;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// Lists of contacts and peers: ragged, far too long, of one contact, of ourselves, of addresses without a node.
/// </summary>
public sealed class ListTests
{
    private static readonly SeededRandomSource Random = new(17);

    public static TheoryData<IpFamily> Families => SocketPair.Families;

    [Theory]
    [MemberData(nameof(Families))]
    public async Task ListsOfAnotherLength_AreRefusedWhole_AndTheReplyTaken(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        foreach (int length in new[] { 1, 25, 27, 26 + 25, 26 * 8 + 1, 37, 39, 38 * 4 - 1 })
        {
            ReceivedReply received = await pair.ReplyAsync(transaction =>
                Text(NodeHarness.Pong(transaction, IdB, $"5:nodes{Str(Fill(length))}6:nodes6{Str(Fill(length))}")));
            Assert.Equal(("response", 0, 0), (received.End, received.Nodes, received.Nodes6));
            var crawl = new CrawlBench(family);
            crawl.Receive(Text(NodeHarness.Pong(
                crawl.Transaction, IdB, $"5:nodes{Str(Fill(length))}6:nodes6{Str(Fill(length))}")));
            Assert.Equal((1, 1), (crawl.Found, crawl.Crawler.Counters.NodesSeen));
        }

        foreach (string other in new[] { "5:nodesi7e", "5:nodesle", "5:nodesde", "5:nodesl26:" + Fill(26)
            + "e", "6:nodes6i0e" })
        {
            ReceivedReply received = await pair.ReplyAsync(
                transaction => Text(NodeHarness.Pong(transaction, IdB, other)));
            Assert.Equal(("response", 0, 0), (received.End, received.Nodes, received.Nodes6));
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task ValuesOfAnotherShape_AreSteppedOver(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        (string Values, int Count)[] cases =
        [
            ("60:" + Fill(60), 0), ("i7e", 0), ("de", 0), ("le", 0), ("li1ei2ee", 0), ("l6:" + Fill(6) + "18:"
                + Fill(18) + "e", 2),
            ("l5:abcde6:" + Fill(6) + "7:abcdefge", 1), ("ll6:" + Fill(6) + "ee", 0), ("l6:" + Fill(6) + "i3e6:"
                + Fill(6, 9) + "e", 2), ("l0:e", 0),
        ];
        foreach ((string values, int count) in cases)
        {
            ReceivedReply received = await pair.ReplyAsync(
                transaction => Text(NodeHarness.Pong(transaction, IdB, $"5:token1:x6:values{values}")));
            Assert.Equal(("response", count, values), (received.End, received.Values, values));
            var crawl = new CrawlBench(family);
            crawl.Receive(Text(NodeHarness.Pong(crawl.Transaction, IdB, $"5:token1:x6:values{values}")));
            Assert.Equal((1, 1), (crawl.Found, crawl.Crawler.Counters.NodesSeen));
        }
    }

    /// <summary>
    /// A datagram of more than 16,384 bytes is not taken in at all; what fits is read, and a lookup asks few of what
    /// it names.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families))]
    public async Task FarTooManyEntries_AreCutOffByTheBuffer_ThenByTheLookup(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        var received = new ReceivedReply();
        string transaction = await pair.AskAsync(received);
        byte[][] tooLong =
        [
            NodeHarness.Pong(transaction, IdB, "5:nodes" + Str(Fill(2_000 * 26))),
            NodeHarness.Pong(transaction, IdB, "6:nodes6" + Str(Fill(1_600 * 38))),
            NodeHarness.Pong(transaction, IdB, "6:valuesl" + string.Concat(Enumerable.Repeat("6:abcdef", 8_000)) + "e"),
        ];
        pair.Exchange(tooLong);
        Assert.Equal((3, "open"), (pair.Counters.Transport.Truncated, received.End));
        pair.Exchange(
            NodeHarness.Pong(transaction, IdB, "6:valuesl" + string.Concat(Enumerable.Repeat("6:abcdef", 230)) + "e"));
        Assert.Equal(("response", 230), (received.End, received.Values));
    }

    /// <summary>Ten thousand entries, which no buffer of ours holds, straight into node and crawler.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void TenThousandEntries_HaveNoMoreWeightThanAFew(IpFamily family)
    {
        byte[] flood = NodeHarness.Pong(
            "????", IdB, "6:valuesl" + string.Concat(Enumerable.Repeat("6:abcdef", 8_000)) + "e");
        string nodes = string.Concat(
            Enumerable.Range(0, family == IpFamily.IPv6 ? 1_700 : 2_000).Select(i => WireText.Of(Contact(family, i))));
        string list = (family == IpFamily.IPv6 ? "6:nodes6" : "5:nodes") + Str(nodes);

        var node = new NodeHarness();
        node.Node.AddRouter(family == IpFamily.IPv6 ? NodeHarness.Asker6 : NodeHarness.Asker);
        node.Advance(TimeSpan.Zero);
        (Endpoint to, string transaction, _) = node.TakeQuery();
        node.Receive(flood, to);
        node.Receive(NodeHarness.Pong(transaction, IdB, list), to);
        Assert.InRange(node.Take().Count, 1, 4);

        var crawl = new CrawlBench(family);
        crawl.Receive(Text(NodeHarness.Pong(crawl.Transaction, IdB, list)));
        Assert.Equal(21, crawl.Crawler.Counters.NodesSeen);
    }

    /// <summary>
    /// A search that meets one contact eight times, us, and addresses that may not be sent to, asks none twice, and
    /// never those.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families))]
    public async Task TheSameContactEightTimes_OurselvesAndBogons_CostAtMostOneQueryEach(IpFamily family)
    {
        // On loopback all are at one address.
        await using SocketPair pair = SocketPair.Start(
            family, SocketPair.Unthrottled with { Table = new RoutingTableOptions { AllowSharedAddresses = true } });
        Endpoint self = pair.Engine.LocalEndpoint;
        Endpoint nobody = family == IpFamily.IPv6 ? Endpoint.Parse("[::1]:9") : Endpoint.Parse("127.0.0.1:9");
        NodeId target = NodeId.Random(Random);
        CompactNode again = new(NodeId.Random(Random), nobody);
        CompactNode[] named =
        [
            .. Enumerable.Repeat(again, 8), new(pair.Engine.Id, self), new(NodeId.Random(Random), self),
            new(NodeId.Random(Random), nobody.WithPort(0)),
            .. Bogons(family).Select(static bogon => new CompactNode(NodeId.Random(Random), bogon)),
        ];
        Endpoint here = pair.Here;
        await pair.Engine.InvokeAsync((node, _) => node.AddBootstrap(here));
        long before = pair.Counters.Node.QueriesSent;
        Task<LookupResult> search = pair.Engine.FindNodeAsync(target);
        KrpcMessage.Parse(pair.Receive(), out KrpcMessage query);
        string list = string.Concat(named.Select(static node => WireText.Of(node)));
        byte[] reply = NodeHarness.Pong(
            Text(query.TransactionId), IdB, (family == IpFamily.IPv6 ? "6:nodes6" : "5:nodes") + Str(list));
        pair.Exchange(reply);

        // This socket, the one contact, and our own endpoint under another id; a verifying ping to this socket may be
        // among them.
        Assert.InRange(pair.Counters.Node.QueriesSent - before, 3, 4);
        await pair.Engine.StopAsync();
        Assert.Equal(LookupStatus.Stopped, (await search.WaitAsync(Loopback.Patience)).Report.Status);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void TheSameContactEightTimes_IsOneNodeOfACrawl_AndBogonsAreNone(IpFamily family)
    {
        var crawl = new CrawlBench(family);
        CompactNode again = Contact(family, 1);
        string list = string.Concat(Enumerable.Repeat(WireText.Of(again), 8))
            + WireText.Of(new CompactNode(crawl.Crawler.Id, Contact(family, 2).Endpoint))
            + string.Concat(
                Bogons(family).Select(static bogon => WireText.Of(new CompactNode(NodeId.Random(Random), bogon))));
        crawl.Receive(Text(NodeHarness.Pong(crawl.Transaction, IdB, (family == IpFamily.IPv6 ? "6:nodes6" : "5:nodes")
            + Str(list))));
        CrawlCounters counters = crawl.Crawler.Counters;
        Assert.Equal((2, Bogons(family).Count()), (counters.NodesSeen, counters.BogonsRefused));
        Assert.All(
            crawl.Turn(), sent => Assert.True(sent.To == again.Endpoint || sent.To == crawl.Asked, $"asked {sent.To}"));
    }

    private static CompactNode Contact(IpFamily family, int number) =>
        new(NodeId.Random(Random), TestEndpoints.Public(family, number));

    // What even a laboratory's policy refuses.
    private static IEnumerable<Endpoint> Bogons(IpFamily family) => (family == IpFamily.IPv6
        ? new[] { "[::]:1", "[ff02::1]:2", "[::ffff:10.0.0.1]:3", "[64:ff9b::1]:4", "[2002:a00:1::]:5" }
        : ["0.0.0.0:1", "224.0.0.251:5353", "255.255.255.255:7", "240.0.0.1:9", "8.8.4.4:0"]).Select(
            static text => Endpoint.Parse(text));
}
