using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using static Dht.Engine.Tests.Hostile.Outcome;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>The keys around a message: missing, of another type, twice, in another order, or hidden.</summary>
public sealed class EnvelopeTests
{
    private const string Body = "1:ad2:id20:" + IdA + "e";

    // The texts of errors to a query that an engine has open.
    private static readonly string[] Errors =
    [
        "1:e3:foo", "1:ele", "1:el3:bad2:noe", "1:el7:message" + "i201ee", "1:ei201e", "1:ede",
        "1:eli99999999999999ee", "",
    ];

    private static readonly string[] Methods =
        ["ping", "find_node", "get_peers", "announce_peer", "sample_infohashes"];

    public static TheoryData<IpFamily> Families => SocketPair.Families;

    [Theory]
    [MemberData(nameof(Families))]
    public Task MissingKeys_AreCountedOrAnsweredWith203(IpFamily family) => AssertAsync(
        family,
        new("no t", $"d{Body}1:q4:ping1:y1:qe", Malformed),
        new("t a number", $"d{Body}1:q4:ping1:ti7e1:y1:qe", Malformed),
        new("t a list", $"d{Body}1:q4:ping1:tl2:aae1:y1:qe", Malformed),
        new("no y", $"d{Body}1:q4:ping1:t2:aae", Malformed),
        new("no q", $"d{Body}1:t2:aa1:y1:qe", Error203),
        new("q a number", $"d{Body}1:qi4e1:t2:aa1:y1:qe", Error203),
        new("no a", "d1:q4:ping1:t2:aa1:y1:qe", Error203),
        new("nothing", "de", Malformed),
        new("an empty q", $"d{Body}1:q0:1:t2:aa1:y1:qe", Error204),
        new("q of no letters", $"d{Body}1:q4:\u00ff\u00fe\u00c0\u00801:t2:aa1:y1:qe", Error204),
        new("q of a name much like another", $"d{Body}1:q5:ping 1:t2:aa1:y1:qe", Error204),
        new("no r", "d1:t2:aa1:y1:re", Unexpected),
        new("no e", "d1:t2:aa1:y1:ee", Unexpected));

    [Theory]
    [MemberData(nameof(Families))]
    public async Task ATransactionIdOfAnyLength_IsEchoed_OrTheMessageRefused(IpFamily family)
    {
        int[] lengths = [1, 2, 3, 4, 5, 7, 8, 16, 64, 254, 255];
        await AssertAsync(
            family,
            [
                .. lengths.Select(length => new HostileCase($"t of {length}", QueryWith(length), Answer)),
                new("t of 0", QueryWith(0), Malformed),
                new("t of 256", QueryWith(256), Malformed),
                new("t of 1000", QueryWith(1000), Malformed),
                new("a response of 0", "d1:rd2:id20:" + IdA + "e1:t0:1:y1:re", Malformed),
                new("a response of 3", "d1:rd2:id20:" + IdA + "e1:t3:abc1:y1:re", Unexpected),
                new("a response of 8", "d1:rd2:id20:" + IdA + "e1:t8:abcdefgh1:y1:re", Unexpected),
            ]);
        await using SocketPair pair = SocketPair.Start(family);
        Assert.All(lengths, length =>
            Assert.Contains(
                $"1:t{Str(Fill(length))}",
                Assert.Single(pair.Exchange(Bytes(QueryWith(length)))),
                StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public Task AKindThatIsNone_IsCounted(IpFamily family) => AssertAsync(
        family,
        new("y z", $"d{Body}1:q4:ping1:t2:aa1:y1:ze", Malformed),
        new("y a number", $"d{Body}1:q4:ping1:t2:aa1:yi1ee", Malformed),
        new("y a list", $"d{Body}1:q4:ping1:t2:aa1:yl1:qee", Malformed),
        new("y empty", $"d{Body}1:q4:ping1:t2:aa1:y0:e", Malformed),
        new("y of two letters", $"d{Body}1:q4:ping1:t2:aa1:y2:qqe", Malformed));

    [Theory]
    [MemberData(nameof(Families))]
    public Task AnErrorOfAnotherShape_ThatNobodyAwaits_IsCounted(IpFamily family) =>
        AssertAsync(family, [.. Errors.Select(static e => new HostileCase(e, $"d{e}1:t4:aaaa1:y1:ee", Unexpected))]);

    [Theory]
    [MemberData(nameof(Families))]
    public async Task AnErrorOfAnotherShape_EndsItsQueryOnce(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        foreach (string error in Errors)
        {
            ReceivedReply received = await pair.ReplyAsync(transaction => $"d{error}1:t{Str(transaction)}1:y1:ee");
            Assert.Equal(("error", 1), (received.End, received.Ends));
        }

        Assert.Equal(Errors.Length, pair.Counters.Node.Errors);
        Assert.All(Errors, error =>
        {
            var bench = new CrawlBench(family);
            bench.Receive($"d{error}1:t{Str(bench.Transaction)}1:y1:ee");
            bench.Turn();
            CrawlCounters counters = bench.Crawler.Counters;
            Assert.Equal((1, 0, 1), (counters.Errors, bench.Found, counters.NodesRefusing));
        });
    }

    [Theory]
    [MemberData(nameof(Families))]
    public Task AQueryWithoutArguments_IsAnsweredWith203(IpFamily family) => AssertAsync(
        family,
        [
            .. Methods.SelectMany(static method =>
                new[] { "", "1:ai5e", "1:a3:foo", "1:al3:fooe", "1:ade", $"1:rd2:id20:{IdA}e" }.Select(arguments =>
                    new HostileCase(
                        $"{method} with {arguments}", $"d{arguments}1:q{Str(method)}1:t2:aa1:y1:qe", Error203))),
            .. new[] { "find_node", "get_peers", "announce_peer", "sample_infohashes" }.Select(static method =>
                new HostileCase($"{method} with an id alone", $"d{Body}1:q{Str(method)}1:t2:aa1:y1:qe", Error203)),
        ]);

    [Theory]
    [MemberData(nameof(Families))]
    public Task KeysHiddenInStrings_AreNotSeen(IpFamily family) => AssertAsync(
        family,
        new("y hidden", $"d{Body}1:q4:ping1:t2:aa1:x{Str("1:y1:q")}e", Malformed),
        new("t hidden", $"d{Body}1:q4:ping1:x{Str("1:t2:aa")}1:y1:qe", Malformed),
        new("q hidden in a list", $"d{Body}1:t2:aa1:xl{Str("1:q4:ping")}e1:y1:qe", Error203),
        new("id hidden", $"d1:ad1:x{Str("2:id20:" + IdA)}e1:q4:ping1:t2:aa1:y1:qe", Error203),
        new("id hidden in a dictionary", $"d1:ad1:xd2:id20:{IdA}ee1:q4:ping1:t2:aa1:y1:qe", Error203),
        new("an id that says it is a response", "d1:ad2:id20:1:y1:r1:t1:ze1:y1:ree1:q4:ping1:t2:aa1:y1:qe", Answer),
        new("a transaction id that ends the message", $"d{Body}1:q4:ping1:t8:1:y1:reee1:y1:qe", Malformed),
        new("a transaction id full of keys", $"d{Body}1:q4:ping1:t8:1:y1:ree1:y1:qe", Answer));

    [Theory]
    [MemberData(nameof(Families))]
    public Task TrailingBytes_DoubledKeysAndAnyOrder(IpFamily family) => AssertAsync(
        family,
        new("a byte behind", $"d{Body}1:q4:ping1:t2:aa1:y1:qex", Answer),
        new("a message behind", $"d{Body}1:q4:ping1:t2:aa1:y1:qed{Body}1:q4:ping1:t2:bb1:y1:qe", Answer),
        new("a kilobyte behind", $"d{Body}1:q4:ping1:t2:aa1:y1:qe" + new string('l', 1024), Answer),
        new("the other way round", $"d1:y1:q1:t2:aa1:q4:ping{Body}e", Answer),
        new("id behind target", $"d1:ad6:target20:{IdB}2:id20:{IdA}e1:q9:find_node1:t2:aa1:y1:qe", Answer),
        new("t twice", $"d{Body}1:q4:ping1:t2:aa1:t2:bb1:y1:qe", Malformed),
        new("y twice", $"d{Body}1:q4:ping1:t2:aa1:y1:q1:y1:qe", Malformed),
        new("q twice", $"d{Body}1:q4:ping1:q4:ping1:t2:aa1:y1:qe", Malformed),
        new("a twice", $"d{Body}{Body}1:q4:ping1:t2:aa1:y1:qe", Malformed),
        new("a and r", $"d{Body}1:q4:ping1:rd2:id20:{IdB}e1:t2:aa1:y1:qe", Malformed),
        new("id twice", $"d1:ad2:id20:{IdA}2:id20:{IdB}e1:q4:ping1:t2:aa1:y1:qe", Malformed),
        new("no dictionary", "l4:pinge", Foreign),
        new("one byte", "d", Foreign),
        new("no byte", "", Foreign),
        new("text", "GET / HTTP/1.1\r\n\r\n", Foreign));

    private static string QueryWith(int length) => $"d{Body}1:q4:ping1:t{Str(Fill(length))}1:y1:qe";

    private static async Task AssertAsync(IpFamily family, params HostileCase[] cases)
    {
        await using SocketPair pair = SocketPair.Start(family);
        await pair.AssertAsync(cases);

        // None of them is an answer to a crawl either.
        var bench = new CrawlBench(family);
        foreach (HostileCase one in cases)
        {
            bench.Receive(Text(one.Datagram));
        }

        Assert.Equal((0, 0, 1), (bench.Found, bench.Crawler.Counters.Errors, bench.Crawler.Counters.InFlight));
    }
}
