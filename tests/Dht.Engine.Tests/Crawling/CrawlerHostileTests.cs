using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Crawling;

/// <summary>A crawl among those who want to mislead it, slow it down, or make a weapon of it.</summary>
public class CrawlerHostileTests
{
    private const uint Victim = 0x08080808;

    [Theory]
    [InlineData(64)]
    [InlineData(8)]
    public void AVictimWithTenThousandPorts_GetsFewPackets_AndSlowly(int max)
    {
        const ulong seed = 31;
        var population = new Population(400, seed);
        var random = new SeededRandomSource(seed);
        foreach (VirtualNode liar in population.Nodes.Skip(1).Where(static (_, i) => i % 10 == 0))
        {
            liar.Trick = answer =>
            {
                answer.Contacts.Clear();
                for (int i = 0; i < 50; i++)
                {
                    var id = NodeId.Random(random);
                    var endpoint = Endpoint.FromIPv4(Victim, (ushort)(1 + random.Next(10_000)));
                    answer.Contacts.Add(new CompactNode(id, endpoint));
                }
            };
        }

        var options = new CrawlOptions { ExpectedNodes = 1000, NodesPerAddressMax = max };
        CrawlWorld world = new CrawlWorld(population, options, seed).Run();
        CrawlerTests.AssertFoundAll(world, seed);
        Assert.InRange(world.Sent.Count(IsToVictim), 1, max);
        Assert.InRange(world.MostWithin(TimeSpan.FromSeconds(10), IsToVictim), 1, 44);
        Assert.True(world.Counters.CrowdedRefused > 100, $"{world.Counters}");
        CrawlerTests.AssertBooksBalance(world, seed);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(4, 1)]
    [InlineData(8, 3)]
    public void Tarpits_CostNoMoreThanTheOptionsSay(int asksMax, int retries)
    {
        const ulong seed = 32;
        var population = new Population(300, seed);
        var random = new SeededRandomSource(seed);
        VirtualNode[] tarpits = [.. population.Nodes.Skip(1).Where(static (_, i) => i % 10 == 0)];
        foreach (VirtualNode tarpit in tarpits)
        {
            tarpit.Trick = answer =>
            {
                answer.Contacts.Clear();
                for (int i = 0; i < 8; i++)
                {
                    // Addresses without a node.
                    answer.Contacts.Add(Invented(random));
                }
            };
        }

        CrawlOptions options = CrawlWorld.Unpaced with
        {
            AsksPerNodeMax = asksMax,
            AsksPerNodeMin = 1,
            SilentRetries = retries,
        };
        CrawlWorld world = new CrawlWorld(population, options, seed).Run();
        Assert.All(tarpits, tarpit => Assert.InRange(tarpit.Asked, 0, asksMax + world.Counters.Probes));
        long invented = world.Counters.NodesSeen - world.Found.Count;
        Assert.InRange(invented, 1, tarpits.Length * asksMax * 8);
        long most = (population.Nodes.Count * asksMax) + (invented * (1 + retries));
        Assert.InRange(world.Sent.Count - world.Counters.Probes, 1, most);
        CrawlerTests.AssertBooksBalance(world, seed);
    }

    [Fact]
    public void OneIdAtManyAddresses_IsSoManyNodes()
    {
        const ulong seed = 33;
        var population = new Population(100, seed);
        NodeId shared = NodeId.Parse("8899aabbccddeeff00112233445566778899aabb");
        IEnumerable<int> numbers = Enumerable.Range(1, 12);
        Endpoint[] places = [.. numbers.Select(static i => Endpoint.FromIPv4(0x08000000 + (uint)i, 6881))];
        Assert.All(places, place => population.Add(place, shared));
        population.Nodes[0].Trick = answer =>
            answer.Contacts.AddRange(places.Select(place => new CompactNode(shared, place)));
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, seed).Run();
        Assert.Equal(12, world.Found.Count(found => found.Id == shared));
        Assert.Equal(112, world.Found.Count);
        CrawlerTests.AssertBooksBalance(world, seed);
    }

    [Fact]
    public void TheIdThatANodeAnswersWith_Counts_NotTheAnnouncedOne()
    {
        const ulong seed = 34;
        var population = new Population(200, seed);
        NodeId real = NodeId.Parse("8899aabbccddeeff00112233445566778899aabb");
        VirtualNode changed = population.Nodes[17];
        changed.Trick = answer => answer.Id = real;
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, seed).Run();
        Assert.Equal(real, Assert.Single(world.Found, found => found.Endpoint == changed.Endpoint).Id);
        CrawlerTests.AssertFoundAll(world, seed);
    }

    [Fact]
    public void OurOwnIdInAnAnswer_IsRefused()
    {
        const ulong seed = 35;
        var population = new Population(200, seed);
        NodeId ours = NodeId.Parse("8899aabbccddeeff00112233445566778899aabb");
        VirtualNode mirror = population.Nodes[17];
        mirror.Trick = answer => answer.Id = ours;
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced with { Id = ours }, seed).Run();
        Assert.DoesNotContain(world.Found, found => found.Endpoint == mirror.Endpoint);
        Assert.Equal(199, world.Found.Count);
        Assert.Equal(mirror.Asked, world.Counters.Rejected);
        CrawlerTests.AssertBooksBalance(world, seed);
    }

    [Theory]
    [InlineData(KrpcErrorCode.Generic, 3)]
    [InlineData(KrpcErrorCode.Server, 3)]
    [InlineData(0, 3)]
    [InlineData(KrpcErrorCode.Protocol, 1)]
    [InlineData(KrpcErrorCode.MethodUnknown, 1)]
    public void ANodeThatAnswersWithErrorsAlone_IsAskedSoOften_AndCountedApart(int code, int times)
    {
        const ulong seed = 36;
        var population = new Population(200, seed);
        VirtualNode[] sulking = [.. population.Nodes.Skip(1).Where(static (_, i) => i % 5 == 0)];
        Assert.All(sulking, node => node.Trick = answer => (answer.IsError, answer.ErrorCode) = (true, code));
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, seed).Run();
        Assert.Equal(200 - sulking.Length, world.Found.Count);
        Assert.All(sulking, node => Assert.Equal(times, node.Asked));
        Assert.Equal(sulking.Length * times, world.Counters.Errors);
        Assert.Equal(sulking.Length, world.Counters.NodesRefusing);
        Assert.Equal(times > 1 ? CrawlGaps.Refused : CrawlGaps.None, world.Crawler.Gaps);
        CrawlerTests.AssertBooksBalance(world, seed);
    }

    [Fact]
    public void AnAnswerAfterTheShortTimeout_StillCounts()
    {
        const ulong seed = 37;
        var population = new Population(1000, seed);
        VirtualNode[] late = [.. population.Nodes.Skip(1).Where(static (_, i) => i % 200 == 0)];
        TimeSpan delay = TimeSpan.FromMilliseconds(800);
        Assert.All(late, node => node.Trick = answer => answer.ExtraDelay = delay);
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, seed).Run();
        Assert.InRange(world.Counters.Late, 1, late.Length * 4);
        Assert.Equal(0, world.Counters.Timeouts);
        CrawlerTests.AssertFoundAll(world, seed);
        CrawlerTests.AssertBooksBalance(world, seed);
    }

    [Fact]
    public void AnAnswerAfterTheLongTimeout_DoesNotCount()
    {
        const ulong seed = 38;
        var population = new Population(300, seed);
        VirtualNode late = population.Nodes[40];
        late.Trick = static answer => answer.ExtraDelay = TimeSpan.FromSeconds(10);
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, seed).Run();
        Assert.Equal(299, world.Found.Count);
        Assert.Equal(2, world.Counters.Timeouts);
        CrawlerTests.AssertBooksBalance(world, seed);
    }

    [Fact]
    public void WrongPortsAndTransactionIds_AreIgnored()
    {
        const ulong seed = 39;
        var population = new Population(300, seed);
        VirtualNode moved = population.Nodes[40];
        VirtualNode guessing = population.Nodes[80];
        moved.Trick = static answer => answer.PortShift = 1;
        guessing.Trick = static answer => answer.HasWrongTransactionId = true;
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, seed).Run();
        Assert.Equal(298, world.Found.Count);
        Assert.DoesNotContain(world.Found, found => found.Id == moved.Id || found.Id == guessing.Id);
        Assert.Equal(2, world.Counters.Rejected);
        Assert.Equal(4, world.Counters.Timeouts);
        CrawlerTests.AssertBooksBalance(world, seed);
    }

    [Fact]
    public void WhatOnlyTheOutboxRefuses_IsCountedOnce_AndNotAskedAgain()
    {
        var population = new Population(1, 43);
        var world = new CrawlWorld(
            population, CrawlWorld.Unpaced, 43, AddressPolicy.AllowLocal, AddressPolicy.Public);
        Assert.True(world.Crawler.AddEndpoint(Endpoint.Parse("10.0.0.1:6881"), world.Now));
        Assert.True(world.Crawler.AddEndpoint(Endpoint.Parse("127.0.0.1:6881"), world.Now));
        Assert.Equal(0, world.Counters.BogonsRefused);
        world.Run();
        Assert.Equal(2, world.Counters.BogonsRefused);
        Assert.All(world.Sent, sent => Assert.Equal(population.Start, sent.Destination));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void BogonsInAnswers_NeverGetAPacket(bool crawlerKnows)
    {
        const ulong seed = 40;
        var population = new Population(200, seed);
        string[] texts =
        [
            "0.0.0.0:1", "10.1.2.3:6881", "100.64.7.7:6881", "127.0.0.1:53", "169.254.1.1:80", "172.16.0.9:1",
            "192.168.1.1:80", "198.18.0.1:5", "203.0.113.4:6881", "224.0.0.251:5353", "255.255.255.255:7",
            "8.8.4.4:0", "[::1]:1", "[fe80::1]:2", "[fc00::9]:3", "[ff02::1]:4", "[::ffff:10.0.0.1]:5",
            "[2001:db8::1]:6",
        ];
        Endpoint[] bogons = [.. texts.Select(static text => Endpoint.Parse(text))];
        var random = new SeededRandomSource(seed);
        Assert.All(population.Nodes, node => node.Trick = answer =>
            answer.Contacts.AddRange(bogons.Select(bogon => new CompactNode(NodeId.Random(random), bogon))));
        IAddressPolicy lenient = crawlerKnows ? AddressPolicy.Public : AddressPolicy.AllowLocal;
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, seed, lenient, AddressPolicy.Public).Run();
        AddressPolicy policy = AddressPolicy.Public;
        Assert.All(world.Sent, sent => Assert.Equal(AddressVerdict.Allowed, policy.Check(sent.Destination)));
        Assert.True(world.Counters.BogonsRefused >= bogons.Length, $"{world.Counters}");
        CrawlerTests.AssertFoundAll(world, seed);
    }

    [Fact]
    public void AReplyWithFarTooManyContacts_IsCutOff()
    {
        var population = new Population(1, 41);
        var random = new SeededRandomSource(41);
        population.Nodes[0].Trick = answer =>
        {
            for (int i = 0; i < 130; i++)
            {
                answer.Contacts.Add(Invented(random));
            }
        };
        CrawlOptions options = CrawlWorld.Unpaced with { AsksPerNodeMax = 1, AsksPerNodeMin = 1 };
        CrawlWorld world = new CrawlWorld(population, options, 41).Run();
        Assert.Equal(21, world.Counters.NodesSeen);
    }

    [Fact]
    public void ManyMoreNodesThanExpected_DoNotCrowdEachOther()
    {
        // Five million addresses, one node each, as an endless tarpit names them; the crawl expected 65,536.
        var population = new Population(1, 42);
        CrawlOptions options = CrawlWorld.Unpaced with { AsksPerNodeMax = 1, AsksPerNodeMin = 1, SilentRetries = 0 };
        var world = new CrawlWorld(population, options, 42);
        uint refused = 0;
        for (uint i = 0; i < 5_000_000; i++)
        {
            refused += world.Crawler.AddEndpoint(Endpoint.FromIPv4(0x14000000 + i, 6881), world.Now) ? 0u : 1u;
        }

        Assert.Equal(0u, refused);
        Assert.Equal(5_000_000, world.Counters.NodesSeen);
        Assert.InRange(world.Counters.KnownSetBytes / 5e6, 21, 40);
    }

    private static bool IsToVictim(SentQuery sent) => sent.Destination.IPv4Bits == Victim;

    private static CompactNode Invented(SeededRandomSource random) =>
        new(NodeId.Random(random), Endpoint.FromIPv4(0x14000000 | (random.NextUInt32() >> 8), 6881));
}
