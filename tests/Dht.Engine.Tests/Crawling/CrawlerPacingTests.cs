using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Crawling;

/// <summary>How fast a crawl is, and how it waits.</summary>
public class CrawlerPacingTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(50, 1)]
    [InlineData(500, 10)]
    [InlineData(2000, 40)]
    public void QueriesPerSecond_IsNeverExceeded(int rate, int burst)
    {
        const ulong seed = 21;
        var network = new VirtualNetwork(1000, seed, deadShare: 0.2);
        CrawlRig rig = new CrawlRig(network, CrawlRig.Unpaced with { QueriesPerSecond = rate }, seed).Run();
        CrawlerTests.AssertFoundAll(rig, seed);
        Assert.InRange(rig.MostWithin(Second, static _ => true), Math.Min(rate, 300), rate + burst);
    }

    [Theory]
    [InlineData(50, 1)]
    [InlineData(500, 10)]
    public void NewDestinationsPerSecond_IsNeverExceeded(int rate, int burst)
    {
        const ulong seed = 22;
        var network = new VirtualNetwork(1000, seed, deadShare: 0.2);
        CrawlRig rig = new CrawlRig(network, CrawlRig.Unpaced with { NewDestinationsPerSecond = rate }, seed).Run();
        CrawlerTests.AssertFoundAll(rig, seed);
        Assert.InRange(rig.MostWithin(Second, static sent => sent.IsFirst), Math.Min(rate, 300), rate + burst);
    }

    [Fact]
    public void NewDestinationsPerSecond_HoldsForManyPortsOfOneAddressToo()
    {
        const ulong seed = 23;
        const int rate = 100;
        var network = new VirtualNetwork(1, seed);
        List<CompactNode> crowd = Strangers(network, addresses: 100, ports: 20);
        network.Nodes[0].Trick = answer => answer.Contacts.AddRange(crowd.Skip((answer.Asked - 1) * 60).Take(60));
        var random = new SeededRandomSource(seed);
        foreach (CompactNode one in crowd)
        {
            // Everybody names some of the others.
            network.NodeAt(one.Endpoint).Trick = answer =>
            {
                int first = random.Next(crowd.Count / 20) * 20;
                answer.Contacts.AddRange(crowd.Skip(first).Take(40));
            };
        }

        CrawlOptions options = CrawlRig.Unpaced with
        {
            NewDestinationsPerSecond = rate,
            QueriesPerSecondPerAddress = 4,
        };
        CrawlRig rig = new CrawlRig(network, options, seed).Run();
        Assert.Equal(crowd.Count + 1, rig.Found.Count);
        Assert.InRange(rig.MostWithin(Second, static sent => sent.IsFirst), rate / 2, rate + 2);
    }

    [Fact]
    public void OneAddress_GetsFourQueriesPerSecond_AndNoBurst()
    {
        const ulong seed = 24;
        var network = new VirtualNetwork(1, seed);
        List<CompactNode> crowd = Strangers(network, addresses: 1, ports: 60);
        CrawlRig rig = new CrawlRig(network, new CrawlOptions { ExpectedNodes = 100 }, seed);
        crowd.ForEach(one => rig.Crawler.AddEndpoint(one.Endpoint, rig.Now));
        rig.Run();
        Assert.Equal(61, rig.Found.Count);
        uint address = crowd[0].Endpoint.IPv4Bits;
        for (int seconds = 1; seconds <= 10; seconds++)
        {
            int most = rig.MostWithin(TimeSpan.FromSeconds(seconds), sent => sent.Destination.IPv4Bits == address);
            Assert.InRange(most, 1, (4 * seconds) + 1);
        }
    }

    [Fact]
    public void WhileItWaits_ItIsRarelyTicked()
    {
        const ulong seed = 25;
        var network = new VirtualNetwork(400, seed, deadShare: 0.5);
        CrawlRig rig = new CrawlRig(network, CrawlRig.Unpaced with { QueriesPerSecond = 10 }, seed).Run();
        double ticksPerSecond = rig.Ticks / rig.Elapsed.TotalSeconds;
        Assert.InRange(ticksPerSecond, 1, 60);
    }

    [Fact]
    public void WhileTheObserverIsNotReady_NothingIsAsked_AndNothingIsLost()
    {
        const ulong seed = 26;
        var network = new VirtualNetwork(800, seed, deadShare: 0.2);
        network.SetRoundTrips(TimeSpan.FromMilliseconds(100), 0.4);
        var rig = new CrawlRig(network, CrawlRig.Unpaced, seed);
        rig.Crawler.AddEndpoint(network.Start, rig.Now);
        bool paused = false;
        for (int round = 0; round < 400 && !rig.Crawler.IsComplete; round++)
        {
            int before = rig.Sent.Count;
            long ticks = rig.Ticks;
            Instant now = rig.Now;
            rig.RunFor(TimeSpan.FromMilliseconds(250));
            Assert.True(rig.IsReady || rig.Sent.Count == before, $"seed {seed}, round {round}");

            // Every answer may be worth a tick; beyond those it looks in fifty times a second.
            Assert.True(rig.IsReady || rig.Ticks - ticks <= 700, $"{rig.Ticks - ticks} ticks in {rig.Now - now}");
            rig.IsReady = !rig.IsReady;
            paused |= !rig.IsReady;
        }

        rig.IsReady = true;
        rig.RunFor(TimeSpan.FromMinutes(5));
        Assert.True(paused && rig.Crawler.IsComplete, $"{rig.Counters}");
        CrawlerTests.AssertFoundAll(rig, seed);
        CrawlerTests.AssertBooksBalance(rig, seed);
    }

    private static List<CompactNode> Strangers(VirtualNetwork network, int addresses, int ports)
    {
        var random = new SeededRandomSource(99);
        var strangers = new List<CompactNode>();
        for (int i = 0; i < addresses * ports; i++)
        {
            var endpoint = Endpoint.FromIPv4(0x08000000 + (uint)(i / ports), (ushort)(1000 + (i % ports)));
            strangers.Add(new CompactNode(network.Add(endpoint, NodeId.Random(random)).Id, endpoint));
        }

        return strangers;
    }
}
