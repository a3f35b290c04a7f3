using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Testing;
using Dht.Engine.Testing.Swarm;
using Dht.Engine.Tests.Crawling;
using Dht.Engine.Tests.Engine;
using Dht.Engine.Tests.Support;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// Crawls and lookups among nodes that invent, lie, point at victims, and play every trick that the swarm knows.
/// </summary>
public sealed class CrawlTests
{
    private const ulong Seed = 61;

    // A site without a node: an IPv4 address, or a /64.
    private const uint Victim4 = 0x08080808;
    private const ulong Victim6 = 0x2A00_1450_4001_0001;

    public static TheoryData<IpFamily> Kinds => [IpFamily.IPv4, IpFamily.IPv6];

    /// <summary>
    /// Real sockets; three nodes of ten are hostile. All that live are found, once each, and a victim gets few
    /// packets.
    /// </summary>
    [Fact]
    public async Task AmongAllTricks_ACrawlFindsAllThatLive_AndFloodsNobody()
    {
        await using var swarm = LoopbackSwarm.Start(
            new LoopbackSwarmOptions { Nodes = 3_000, Seed = Seed, DeadPercent = 10, HostilePercent = 30 });
        if (swarm.Notice != null)
        {
            // Without many loopback addresses all nodes are one crowd, and what is to be shown cannot be.
            return;
        }

        WatchedTransport? wire = null;
        await using DhtEngine engine = IdleEngine.Start(Options(swarm, () => wire = Watch()));
        var observer = new SwarmObserver(swarm);
        var options =
            new CrawlOptions
            {
                QueriesPerSecond = 0,
                NewDestinationsPerSecond = 0,
                QueriesPerSecondPerAddress = 50,
                SilentRetries = 2,
            };
        CrawlReport report = await engine.CrawlAsync(
            new CrawlRequest { Start = [swarm.EndpointOf(0)], Options = options, Observer = observer });
        string context = $"seed {Seed}: {observer.Live} of {swarm.LiveCount}, {observer.Wrong} wrong, {report}";
        Assert.True(report.IsComplete && observer.Wrong == 0 && observer.Live >= swarm.LiveCount * 0.999, context);
        Assert.InRange(wire!.Sent, 1, options.NodesPerAddressMax);
        CrawlCounters counters = report.Counters;
        long most = (counters.NodesSeen * (options.AsksPerNodeMax + options.SilentRetries + CrawlFrontier.RefusalsMax))
            + counters.Probes + counters.TakenBack + counters.NotSent;
        Assert.InRange(counters.Queries, counters.NodesSeen, most);
        Assert.Equal(0, counters.Frontier);
        Assert.Equal(0, engine.Counters.Faults);
        Assert.True(engine.IsRunning);
    }

    /// <summary>
    /// Lookups over real sockets in the same swarm: each ends, within its bound of queries, and hardly asks the
    /// victim.
    /// </summary>
    [Fact]
    public async Task AmongAllTricks_LookupsEndWithinTheirBounds()
    {
        await using var swarm = LoopbackSwarm.Start(
            new LoopbackSwarmOptions { Nodes = 2_000, Seed = Seed + 1, HostilePercent = 30 });
        WatchedTransport? wire = null;
        await using DhtEngine engine = Loopback.Start(Options(swarm, () => wire = Watch()));
        await engine.JoinAsync().WaitAsync(Loopback.Patience);
        var random = new SeededRandomSource(Seed + 7);
        for (int i = 0; i < 3; i++)
        {
            int before = wire!.Sent;
            LookupResult result = await engine.FindNodeAsync(NodeId.Random(random)).WaitAsync(
                Loopback.Patience + Loopback.Patience);
            Assert.Equal(LookupStatus.Finished, result.Report.Status);
            Assert.InRange(result.Report.Asked, 1, 256 + 64);
            Assert.InRange(result.Closest.Count, 1, 8);

            // Three of this lookup, and as many of any that the node runs for itself meanwhile.
            Assert.InRange(wire.Sent - before, 0, 3 * 8);
        }

        Assert.Equal(0, engine.Counters.Faults);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TarpitsThatInventEightContactsEachTime_CostNoMoreThanTheOptionsSay(IpFamily family)
    {
        var random = new SeededRandomSource(Seed + 7);
        (CrawlWorld world, VirtualNode[] tarpits) = Prepare(
            family, 10, _ => Enumerable.Range(0, 8).Select(_ => Invented(family, random)));
        world.Run();
        CrawlOptions options = CrawlWorld.Unpaced;
        Assert.All(tarpits, tarpit => Assert.InRange(tarpit.Asked, 0, options.AsksPerNodeMax + world.Counters.Probes));
        long invented = world.Counters.NodesSeen - world.Found.Count;
        Assert.InRange(invented, 1, tarpits.Length * options.AsksPerNodeMax * 8);
        Assert.InRange(
            world.Sent.Count - world.Counters.Probes,
            1,
            (300 * options.AsksPerNodeMax) + (invented * (1 + options.SilentRetries)));
        CrawlerTests.AssertFoundAll(world, Seed);
    }

    /// <summary>
    /// One address (IPv6: one /64) under ten thousand ports: at most 64 packets, never more than 5 in a second at the
    /// default rates.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void ContactsThatPointAtAVictim_AreNoFlood(IpFamily family)
    {
        var random = new SeededRandomSource(Seed + 7);
        (CrawlWorld world, _) = Prepare(
            family,
            10,
            _ => Enumerable.Range(0, 50).Select(_ => Victim(family, random)),
            new CrawlOptions { ExpectedNodes = 1_000 });
        world.Run();
        Assert.InRange(world.Sent.Count(IsVictim), 1, 64);
        Assert.InRange(world.MostWithin(TimeSpan.FromSeconds(1), IsVictim), 1, 5);
        Assert.True(world.Counters.CrowdedRefused > 100, $"seed {Seed}: {world.Counters}");
        CrawlerTests.AssertFoundAll(world, Seed);
    }

    /// <summary>
    /// Two hundred live nodes that share one address with many ports: 64 of them are believed, the rest never asked.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void NodesThatAllShareOneAddress_AreBelievedUpToABound(IpFamily family)
    {
        var random = new SeededRandomSource(Seed + 7);
        var crowd = new List<CompactNode>();
        (CrawlWorld world, _) = Prepare(family, 10, _ => crowd.OrderBy(_ => random.Next(1_000)).Take(16));
        for (int i = 0; i < 200; i++)
        {
            var one = new CompactNode(NodeId.Random(random), VictimAt(family, (ushort)(2_000 + i), (ulong)i));
            crowd.Add(one);
            world.Population.Add(one.Endpoint, one.Id);
        }

        world.Run();
        Assert.InRange(world.Sent.Where(IsVictim).Select(static sent => sent.Destination).Distinct().Count(), 32, 64);
        Assert.InRange(world.Found.Count(static found => IsVictim(found.Endpoint)), 32, 64);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void OneIdAtManyAddresses_IsSoManyNodes_EachAskedLikeAnyOther(IpFamily family)
    {
        var random = new SeededRandomSource(Seed + 7);
        NodeId shared = NodeId.Random(random);
        Endpoint[] places = [.. Enumerable.Range(1, 12).Select(i => Invented(family, random).Endpoint)];
        (CrawlWorld world, _) = Prepare(family, 10, _ => places.Select(place => new CompactNode(shared, place)));
        Assert.All(places, place => world.Population.Add(place, shared));
        world.Run();
        Assert.Equal(12, world.Found.Count(found => found.Id == shared));
        Assert.All(
            places,
            place => Assert.InRange(world.Population.NodeAt(place).Asked, 1, CrawlWorld.Unpaced.AsksPerNodeMax));
    }

    /// <summary>
    /// Answered once in three times: each is asked no more often than the options say, and the crawl ends. With so few
    /// answers one seed in ten misses a region; this one does not.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void NodesThatAnswerEveryThirdQuery_DoNotHoldUpTheEnd(IpFamily family)
    {
        var population = new Population(300, Seed, ipv6Share: family == IpFamily.IPv6 ? 0.5 : 0);
        Assert.All(
            population.Nodes.Skip(1),
            static node => node.Trick = static answer => answer.IsSilent = answer.Asked % 3 != 0);
        CrawlOptions options = CrawlWorld.Unpaced with { SilentRetries = 7 };
        CrawlWorld world = new CrawlWorld(population, options, Seed + 1).Run();
        long most = options.AsksPerNodeMax + options.SilentRetries + world.Counters.Probes;
        Assert.All(population.Nodes, node => Assert.InRange(node.Asked, 1, most));
        Assert.All(population.Nodes, node => Assert.Contains(world.Found, found => found.Endpoint == node.Endpoint));
        CrawlerTests.AssertBooksBalance(world, Seed);
    }

    /// <summary>Answers after the long timeout count for no query; those after the short one still do.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void RepliesAfterTheTimeout_CountOnlyWhileTheirQueryIsOpen(IpFamily family)
    {
        var population = new Population(300, Seed, ipv6Share: family == IpFamily.IPv6 ? 0.5 : 0);
        VirtualNode[] late = [.. population.Nodes.Where(node => node.Endpoint.Family == family).Skip(5).Take(20)];
        for (int i = 0; i < late.Length; i++)
        {
            TimeSpan delay = i % 2 == 0 ? TimeSpan.FromSeconds(20) : TimeSpan.FromMilliseconds(700);
            late[i].Trick = answer => answer.ExtraDelay = delay;
        }

        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, Seed).Run();
        Assert.All(
            late.Where(static (_, i) => i % 2 == 0),
            node => Assert.DoesNotContain(world.Found, found => found.Endpoint == node.Endpoint));
        Assert.All(
            late.Where(static (_, i) => i % 2 == 1),
            node => Assert.Contains(world.Found, found => found.Endpoint == node.Endpoint));
        CrawlerTests.AssertBooksBalance(world, Seed);
    }

    private static (CrawlWorld World, VirtualNode[] Liars) Prepare(
        IpFamily family, int each, Func<VirtualAnswer, IEnumerable<CompactNode>> contacts, CrawlOptions? options = null)
    {
        var population = new Population(300, Seed, ipv6Share: family == IpFamily.IPv6 ? 0.5 : 0);
        VirtualNode[] liars = [.. population.Nodes.Skip(1).Where((_, i) => i % each == 0)];
        foreach (VirtualNode liar in liars)
        {
            liar.Trick = answer =>
            {
                answer.Contacts.Clear();
                answer.Contacts.AddRange(contacts(answer));
            };
        }

        return (new CrawlWorld(population, options ?? CrawlWorld.Unpaced, Seed), liars);
    }

    private static CompactNode Invented(IpFamily family, SeededRandomSource random) => new(
        NodeId.Random(random),
        family == IpFamily.IPv6
            ? Endpoint.FromIPv6(0x2A00_0000_0000_0000 | (random.NextUInt64() >> 16), 1, 6881)
            : Endpoint.FromIPv4(0x14000000 | (random.NextUInt32() >> 8), 6881));

    private static CompactNode Victim(IpFamily family, SeededRandomSource random) =>
        new(NodeId.Random(random), VictimAt(family, (ushort)(1 + random.Next(10_000)), random.NextUInt64()));

    private static Endpoint VictimAt(IpFamily family, ushort port, ulong host) =>
        family == IpFamily.IPv6 ? Endpoint.FromIPv6(Victim6, host, port) : Endpoint.FromIPv4(Victim4, port);

    private static bool IsVictim(SentQuery sent) => IsVictim(sent.Destination);

    private static bool IsVictim(Endpoint endpoint) =>
        endpoint.IsIPv6 ? endpoint.UpperBits == Victim6 : endpoint.IPv4Bits == Victim4;

    private static WatchedTransport Watch() =>
        new(DatagramTransport.Bind(Loopback.AnyPort, TransportKind.Auto), SwarmResponder.VictimAddress);

    private static DhtEngineOptions Options(LoopbackSwarm swarm, Func<IDatagramTransport> transport) => new()
    {
        AddressPolicy = AddressPolicy.AllowLocal,
        CreateTransport = transport,
        Bootstrap = [swarm.EndpointOf(0)],
        Node = new NodeOptions
        {
            QueriesPerSecondPerAddress = 0,
            QueryTimeout = TimeSpan.FromSeconds(1),
            Table = new RoutingTableOptions { AllowSharedAddresses = swarm.Notice != null },
        },
    };
}
