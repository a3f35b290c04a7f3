using Dht.Engine.Addressing;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Hostile.Outcome;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>Scrapes (BEP 33) and samples (BEP 51) whose lengths and numbers cannot be.</summary>
public sealed class Bep33And51Tests
{
    public static TheoryData<IpFamily> Families => SocketPair.Families;

    [Theory]
    [MemberData(nameof(Families))]
    public async Task BloomFiltersOfAnyLength_AreSteppedOver(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        foreach (int length in new[] { 0, 255, 256, 257, 800 })
        {
            string filters = $"4:BFpe{Str(Fill(length))}4:BFsd{Str(Fill(length, 3))}2:id20:{IdB}5:token1:x";
            ReceivedReply received = await pair.ReplyAsync(
                transaction => $"d1:rd{filters}e1:t{Str(transaction)}1:y1:re");
            Assert.Equal(("response", "x", length), (received.End, received.Token, length));
            var crawl = new CrawlBench(family);
            crawl.Receive($"d1:rd{filters}e1:t{Str(crawl.Transaction)}1:y1:re");
            Assert.Equal(1, crawl.Found);
        }

        // Who asks for them gets none: 512 bytes to anybody who can forge an address would be a gift.
        string reply = Assert.Single(pair.Exchange(Query("get_peers", $"9:info_hash20:{IdB}6:noseedi1e6:scrapei1e")));
        Assert.DoesNotContain("4:BF", reply, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task SamplesOfAnotherLength_AndNumbersThatCannotBe_AreClampedOrAbsent(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        (string Body, int Samples, int Interval, long Num)[] cases =
        [
            ("7:samples40:" + Fill(40), 40, 0, 0),
            ("7:samples0:", 0, 0, 0),
            ("7:samplesi7e", 0, 0, 0),
            ("7:samplesle", 0, 0, 0),
            ("8:intervali-1e", 0, 0, 0),
            ("8:intervali1099511627776e", 0, 21_600, 0),
            ("8:intervali21601e", 0, 21_600, 0),
            ("8:interval2:60", 0, 0, 0),
            ("3:numi-5e", 0, 0, 0), ("3:numi1e7:samples60:"
                + Fill(60), 60, 0, 1), ("3:numi9223372036854775807e", 0, 0, long.MaxValue),
        ];
        foreach ((string body, int samples, int interval, long num) in cases)
        {
            ReceivedReply received = await pair.ReplyAsync(
                transaction => Text(NodeHarness.Pong(transaction, IdB, body)));
            Assert.Equal(
                ("response", samples, interval, num, body),
                (received.End, received.Samples, received.Interval, received.Num, body));
        }
    }

    /// <summary>
    /// The bytes are handed over as they came; the reader takes whole infohashes, and <c>num</c> says nothing
    /// about how many.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families))]
    public async Task SamplesThatAreNoMultipleOf20_NeverBreakTheReply(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        foreach (int length in new[] { 1, 19, 21, 39, 41, 1_001 })
        {
            ReceivedReply received = await pair.ReplyAsync(
                transaction => Text(NodeHarness.Pong(transaction, IdB, $"3:numi1e7:samples{Str(Fill(length))}")));
            Assert.Equal(("response", 1L), (received.End, received.Num));
            var crawl = new CrawlBench(family);
            crawl.Receive(Text(NodeHarness.Pong(crawl.Transaction, IdB, $"3:numi1e7:samples{Str(Fill(length))}")));
            Assert.Equal(1, crawl.Found);
        }

        await pair.AssertAsync(
            [new("samples nobody asked for", NodeHarness.Pong("aaaa", IdB, "7:samples21:" + Fill(21)), Unexpected)]);
    }
}
