using Dht.Cli.Crawl;
using Dht.Engine.Crawling;

namespace Dht.Engine.Tests.Cli;

public sealed class CrawlStateTextTests
{
    [Theory]
    [InlineData(CrawlGaps.None, false, "")]
    [InlineData(CrawlGaps.Unasked, false, "")]
    [InlineData(CrawlGaps.None, true, "everybody known has been asked; waiting")]
    [InlineData(CrawlGaps.Refused, true, "everybody known has been asked; waiting")]
    [InlineData(CrawlGaps.Offline | CrawlGaps.Unasked, false, "nobody answers any more; waiting for the network")]
    public void WhileItRuns(CrawlGaps gaps, bool isOver, string expected) => Assert.Equal(
        expected, CrawlStateText.Waiting(new CrawlReport(default, default, false) { Gaps = gaps, IsOver = isOver }));

    [Theory]
    [InlineData(CrawlGaps.None, "complete after 9.0 s")]
    [InlineData(CrawlGaps.Unasked, "not complete after 9.0 s: 1,000 nodes are left to be asked")]
    [InlineData(
        CrawlGaps.Offline | CrawlGaps.Unasked,
        "not complete after 9.0 s: 1,000 nodes are left to be asked; nobody answered any more at the end")]
    [InlineData(CrawlGaps.NotSent, "not complete after 9.0 s: the system refuses to send to 1 node")]
    [InlineData(CrawlGaps.Refused, "not complete after 9.0 s: 7 nodes gave nothing but errors")]
    [InlineData(CrawlGaps.KnownSetFull, "not complete after 9.0 s: there was no room for 12 contacts")]
    [InlineData(CrawlGaps.NobodyAnswered, "not complete after 9.0 s: no node has answered")]
    public void AtTheEnd(CrawlGaps gaps, string expected)
    {
        var counters = new CrawlCounters
        {
            NodesSeen = 5000,
            NodesAlive = 4000,
            Entries = 1,
            Frontier = 1000,
            NodesUnsendable = 1,
            NodesRefusing = 7,
            KnownSetFull = 12,
        };
        var report = new CrawlReport(counters, TimeSpan.FromSeconds(9), gaps == CrawlGaps.None) { Gaps = gaps };
        Assert.Equal(expected, CrawlStateText.Outcome(report));
    }

    [Fact]
    public void WhenOnlyTheEntriesAreKnown_NobodyWasNamed()
    {
        var counters = new CrawlCounters { NodesSeen = 2, Entries = 2, NodesAlive = 1 };
        Assert.Equal(
            "complete after 9.0 s: those that it began at named nobody",
            CrawlStateText.Outcome(new CrawlReport(counters, TimeSpan.FromSeconds(9), true)));
    }
}
