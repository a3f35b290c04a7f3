using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Hostile.Outcome;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// Bencode that no writer makes: lengths and numbers beyond all bounds, deep nests, crowds of tokens, and every
/// message broken.
/// </summary>
public sealed class HostileBencodeTests
{
    private static readonly string[] Lengths =
    [
        "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616", "99999999999999999999999999", "00", "02", "-1", "+1", " 1", "1 ", "", "65536", "1000",
    ];

    public static TheoryData<IpFamily> Families => SocketPair.Families;

    public static TheoryData<string> Samples => KrpcSamples.Names;

    [Theory]
    [MemberData(nameof(Families))]
    public async Task StringLengthsBeyondTheData_AreCounted(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        await pair.AssertAsync(
        [
            .. Lengths.Select(length => new HostileCase("t of "
                + length, $"d1:ad2:id20:{IdA}e1:q4:ping1:t{length}:aa1:y1:qe", Malformed)),
            .. Lengths.Select(length => new HostileCase("id of "
                + length, $"d1:ad2:id{length}:{IdA}e1:q4:ping1:t2:aa1:y1:qe", Malformed)),
            .. Lengths.Where(static length => length.Length > 0).Select(
                length => new HostileCase("key of " + length, $"d{length}:ad2:id20:{IdA}e1:y1:qe", Malformed)),
            new("a length without end", "d" + new string('1', 1_900), Malformed),
            new("a length without a colon", $"d1:ad2:id20{IdA}e1:q4:ping1:t2:aa1:y1:qe", Malformed),
        ]);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task InvalidIntegers_AreCounted_WhereverTheyAppear(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        string[] integers =
        [
            "i007e", "i-0e", "i-01e", "ie", "i-e", "i+1e", "i1.5e", "i 1e", "i1", "i0x1e",
            "i" + new string('9', 1_500), "i" + new string('9', 30) + "x", "i0" + new string('9', 30) + "e",
        ];
        await pair.AssertAsync(
        [
            .. integers.Select(integer => new HostileCase("port "
                + integer, Query("announce_peer", $"9:info_hash20:{IdB}4:port{integer}"), Malformed)),
            .. integers.Select(
                integer => new HostileCase("unknown " + integer, Query("ping", $"1:x{integer}"), Malformed)),
            .. integers.Select(
                integer => new HostileCase("outside " + integer, Query("ping", "", $"2:ro{integer}"), Malformed)),
            new("the largest", Query("ping", "1:xi9223372036854775807e"), Answer),
            new("the least", Query("ping", "1:xi-9223372036854775808e"), Answer),
        ]);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task IntegersBeyond64Bits_AreSteppedOver_AndAreNoPort(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        string[] integers =
        [
            "i9223372036854775808e", "i-9223372036854775809e", "i99999999999999999999999999999e",
            "i" + new string('9', 1_500) + "e", "i-" + new string('9', 1_500) + "e",
        ];
        await pair.AssertAsync(
        [
            .. integers.Select(integer => new HostileCase("port "
                + integer, Query("announce_peer", $"9:info_hash20:{IdB}4:port{integer}"), Error203)),
            .. integers.Select(
                integer => new HostileCase("unknown " + integer, Query("ping", $"1:x{integer}"), Answer)),
            .. integers.Select(
                integer => new HostileCase("deep " + integer, Query("ping", $"1:xld1:y{integer}ee"), Answer)),
            .. integers.Select(
                integer => new HostileCase("outside " + integer, Query("ping", "", $"2:ro{integer}"), Answer)),
        ]);
    }

    /// <summary>An unknown value inside the arguments is two levels deep; so 62 lists fit and 63 do not.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public async Task ANestOfAnyDepth_IsTakenUpTo64Levels(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        await pair.AssertAsync(
        [
            .. new[] { 1, 10, 61, 62 }.Select(lists => new HostileCase($"{lists} lists", Nest(lists, "l"), Answer)),
            .. new[] { 1, 10, 61, 62 }.Select(
                lists => new HostileCase($"{lists} dictionaries", Nest(lists, "d1:a"), Answer)),
            .. new[] { 63, 64, 65, 400, 900 }.Select(
                lists => new HostileCase($"{lists} lists", Nest(lists, "l"), Malformed)),
            .. new[] { 63, 64, 65, 300 }.Select(
                lists => new HostileCase($"{lists} dictionaries", Nest(lists, "d1:a"), Malformed)),
            new("20,000 lists", Nest(20_000, "l"), Truncated),
            new("2,000 lists without an end", "d1:a" + new string('l', 2_000), Malformed),
            new("2,000 dictionaries without an end", string.Concat(Enumerable.Repeat("d1:a", 500)), Malformed),
        ]);
        var node = new NodeHarness();
        Endpoint asker = AskerOf(family);
        string[] nests =
        [
            Nest(20_000, "l"),
            Nest(16_000, "d1:a")[..65_000],
            new string('l', 20_000),
            "d1:a" + new string('l', 60_000),
        ];
        foreach (string deep in nests)
        {
            node.Receive(Bytes(deep), asker);
        }

        Assert.Equal(0, node.Counters.QueriesReceived);
        Assert.True(node.AnswersPing(asker));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task TenThousandTokens_AreSteppedOver(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        await pair.AssertAsync(
        [
            new("900 empty strings", Query("ping", "1:xl" + string.Concat(Enumerable.Repeat("0:", 900)) + "e"), Answer),
            new("900 lists", Query("ping", "1:xl" + string.Concat(Enumerable.Repeat("le", 900)) + "e"), Answer),
            new("600 numbers", Query("ping", "1:xl" + string.Concat(Enumerable.Repeat("i0e", 600)) + "e"), Answer),
            new(
                "200 unknown keys",
                Query("ping", string.Concat(Enumerable.Range(0, 200).Select(static i => $"3:{i + 100}i0e"))),
                Answer),
            new("400 keys outside", Query("ping", "", string.Concat(Enumerable.Repeat("0:0:", 400))), Answer),
        ]);
        var node = new NodeHarness();
        byte[] crowd = Bytes(Text(Query("ping", "1:xl" + string.Concat(Enumerable.Repeat("0:", 10_000)) + "e")));
        Assert.EndsWith("1:y1:re", node.Ask(crowd, AskerOf(family)), StringComparison.Ordinal);
    }

    /// <summary>
    /// Cut at every byte, each message on its way into a node and a crawler: nothing is answered, nothing is kept.
    /// </summary>
    [Theory]
    [MemberData(nameof(Samples))]
    public void EveryMessageCutAtEveryByte_LeavesNodeAndCrawlerAsTheyWere(string name)
    {
        var node = new NodeHarness(new NodeOptions { AnswersPerSecondPerAddress = 0 });
        var crawl = new CrawlBench(IpFamily.IPv4);
        byte[] whole = KrpcSamples.Get(name);
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            node.Receive(cut, NodeHarness.Asker);
            node.Receive(cut, NodeHarness.Asker6);
            crawl.Receive(Text(cut));
        }

        Assert.Equal((0, 0, 0), ((int)node.Counters.QueriesReceived, (int)node.Counters.Unexpected, node.Outbox.Count));
        Assert.Equal((0, 1), (crawl.Found, crawl.Crawler.Counters.NodesSeen));
        Assert.True(node.AnswersPing());
    }

    /// <summary>
    /// Every byte changed to every other value, as a query and, with our transaction id, as a reply. Nothing is
    /// thrown or allocated, no contact enters, and only the sender gets a packet.
    /// </summary>
    [Theory]
    [MemberData(nameof(Samples))]
    public void EveryMessageWithOneByteChanged_HarmsNeitherNodeNorCrawler(string name)
    {
        foreach (IpFamily family in new[] { IpFamily.IPv4, IpFamily.IPv6 })
        {
            var node = new NodeHarness(new NodeOptions { AnswersPerSecondPerAddress = 0, OpenQueriesMax = 4 });
            var crawl = new CrawlBench(family);
            Endpoint asker = AskerOf(family);
            byte[] datagram = (byte[])KrpcSamples.Get(name).Clone();
            long allocated = AllocationGuard.OnThread((node, crawl, asker, datagram), static state =>
            {
                for (int at = 0; at < state.datagram.Length; at++)
                {
                    byte original = state.datagram[at];
                    for (int change = 1; change < 256; change++)
                    {
                        state.datagram[at] = (byte)(original ^ change);
                        state.node.Node.Receive(state.datagram, state.asker, state.node.Now);
                        state.crawl.Crawler.Receive(state.datagram, state.crawl.Asked, state.crawl.Now);
                        for (int i = 0; i < state.node.Outbox.Count; i++)
                        {
                            Assert.True(state.node.Outbox.Destination(i) == state.asker);
                        }

                        state.node.Outbox.Clear();
                    }

                    state.datagram[at] = original;
                }
            }, warmUps: 1);
            Assert.Equal(0, allocated);
            Assert.Equal((0, 0L), (node.Node.ContactCount, node.Counters.Faults));
            Assert.Equal((0, 1), (crawl.Found, crawl.Crawler.Counters.NodesSeen));
            Assert.True(node.AnswersPing(asker));
        }
    }

    /// <summary>
    /// The same to replies that a crawl awaits: whatever is read in them, it asks only nodes that they can name.
    /// </summary>
    [Theory]
    [MemberData(nameof(Samples))]
    public void EveryReplyWithOneByteChanged_SettlesAtMostItsOwnQuery(string name)
    {
        string sample = Text(KrpcSamples.Get(name));
        if (!sample.Contains("1:t2:aa1:y1:re", StringComparison.Ordinal))
        {
            return;
        }

        const ulong seed = 77;
        var random = new SeededRandomSource(seed);
        for (int round = 0; round < 200; round++)
        {
            var crawl = new CrawlBench(IpFamily.IPv4);
            byte[] reply = Bytes(sample.Replace("1:t2:aa", "1:t8:" + crawl.Transaction, StringComparison.Ordinal));
            reply[random.Next(reply.Length)] ^= (byte)(1 + random.Next(255));
            crawl.Receive(Text(reply));
            crawl.Receive(Text(reply));
            Assert.True(
                crawl.Found <= 1 && crawl.Crawler.Counters.NodesSeen <= 1 + 20,
                $"seed {seed}, round {round}: {crawl.Crawler.Counters}");
            crawl.Turn(TimeSpan.FromSeconds(10));
        }
    }

    /// <summary>A slice of the broken messages over a real socket; the seed chooses which.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public async Task ASliceOfBrokenMessages_OverASocket_LeavesTheLoopGoing(IpFamily family)
    {
        const ulong seed = 23;
        var random = new SeededRandomSource(seed);
        await using SocketPair pair = SocketPair.Start(family);
        var broken = new List<byte[]>();
        foreach (byte[] sample in KrpcSamples.All)
        {
            for (int i = 0; i < 24; i++)
            {
                byte[] changed = [.. sample];
                changed[random.Next(changed.Length)] ^= (byte)(1 + random.Next(255));
                broken.Add(changed);
                broken.Add(sample[..random.Next(sample.Length)]);
            }
        }

        pair.Exchange([.. broken]);
        Assert.Equal(0, pair.Counters.Faults);
        Assert.Equal(0, (await pair.StateAsync()).Contacts);
        await pair.AssertNothingGrowsAsync([.. broken.Take(64)]);
    }

    private static Endpoint AskerOf(IpFamily family) =>
        family == IpFamily.IPv6 ? NodeHarness.Asker6 : NodeHarness.Asker;

    private static string Nest(int levels, string open) =>
        $"d1:ad2:id20:{IdA}1:x{string.Concat(Enumerable.Repeat(open, levels))}{(open == "l" ? "" : "0:")}"
        + $"{new string('e', levels)}e1:q4:ping1:t2:aa1:y1:qe";
}
