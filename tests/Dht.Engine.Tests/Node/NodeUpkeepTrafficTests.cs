using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Node;

/// <summary>How much a node sends for its own upkeep.</summary>
public sealed class NodeUpkeepTrafficTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>The most that a libtorrent node sent in any minute of a network of 34 nodes.</summary>
    private const int ByLibtorrent = 21;

    [Fact]
    public void InASmallNetwork_TheTableFillsWithFewQueries()
    {
        World world = Create(34);
        world.Run(Minute / 2);
        Assert.True(world.Node.ContactCount >= 20, $"{world.Node.ContactCount} contacts after 30 s");
        world.Run(Minute / 2);
        var minutes = new List<int> { world.Queries.Sum() };
        for (int minute = 2; minute <= 8; minute++)
        {
            int before = world.Queries.Sum();
            world.Run(Minute);
            minutes.Add(world.Queries.Sum() - before);
        }

        string sent = string.Join(", ", minutes);

        // Each node has to be asked once before it is a contact.
        Assert.True(minutes[0] <= 34 + (2 * ByLibtorrent), sent);
        Assert.All(minutes.Skip(1), count => Assert.True(count <= 2 * ByLibtorrent, sent));
    }

    [Fact]
    public void InALargeNetwork_TheTableFills()
    {
        World world = Create(2_000);
        world.Run(Minute / 2);
        Assert.True(world.Node.ContactCount >= 50, $"{world.Node.ContactCount} contacts after 30 s");
    }

    [Fact]
    public void ContactsThatComeAndGo_DoNotKeepTheSearchGoing()
    {
        World world = Create(200);
        world.Run(Minute);
        long lookups = 0;
        var random = new SeededRandomSource(5);
        for (int second = 0; second < 720; second++)
        {
            // Each second each of sixty is lost, or back if it has a place, as chance decides.
            foreach (Neighbour neighbour in world.Neighbours.Take(60))
            {
                if (random.Next(2) == 0)
                {
                    world.Node.Table(IpFamily.IPv4).MarkFailed(neighbour.Id, neighbour.Endpoint);
                    world.Node.Table(IpFamily.IPv4).MarkFailed(neighbour.Id, neighbour.Endpoint);
                }
                else
                {
                    world.Node.Table(IpFamily.IPv4).Insert(neighbour.Id, neighbour.Endpoint, world.Now);
                }
            }

            lookups = second == 600 ? world.Node.Counters.Lookups : lookups;
            world.Run(TimeSpan.FromSeconds(1));
        }

        lookups = world.Node.Counters.Lookups - lookups;
        Assert.True(lookups <= 10, $"{lookups} lookups in two minutes");
    }

    /// <summary>
    /// All neighbours are liars: each names eight dead contacts of one network, nearer than any honest one.
    /// </summary>
    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void ANetworkThatEveryAnswerNames_GetsAFewPacketsASecond(IpFamily family)
    {
        var world = new World(new WorldOptions
        {
            IPv4Count = family == IpFamily.IPv4 ? 60 : 0,
            IPv6Count = family == IpFamily.IPv6 ? 60 : 0,
            Known = 60,
            KeepsUpkeep = true,
            Records = true,
        });
        var random = new SeededRandomSource(7);
        int number = 0;
        world.Answers.Script = (from, transaction) =>
        {
            byte[] named = new byte[8 * CompactNode.SizeOf(family)];
            for (int i = 0; i < 8; i++)
            {
                number++;
                Endpoint victim = family == IpFamily.IPv4
                    ? Endpoint.FromIPv4(0x5501_0100 + ((uint)number % 250) + 1, (ushort)(1 + (number % 60_000)))
                    : Endpoint.FromIPv6(0x2A11_0001_0001_0000 + ((ulong)number % 60_000), 1, 1);
                new CompactNode(world.Node.Id.RandomWithCommonPrefix(40, random), victim)
                    .Write(named.AsSpan(i * CompactNode.SizeOf(family)));
            }

            NodeId id = world.Neighbours.First(neighbour => neighbour.Endpoint == from).Id;
            string key = family == IpFamily.IPv4 ? "5:nodes" : "6:nodes6";
            return NodeHarness.Pong(
                transaction, WireText.Of(id), key + Krpc.Wire.Str(Krpc.Wire.Text(named)));
        };
        for (int second = 0; second < 60; second++)
        {
            world.Node.TryStartLookup(
                new LookupRequest { Kind = LookupKind.GetPeers, Target = world.Node.Id.WithFlippedBit(60) },
                world.Now,
                out _);
            world.Run(TimeSpan.FromSeconds(1));
        }

        bool IsVictim(Endpoint to) => family == IpFamily.IPv4
            ? to.HasSameNetwork(Endpoint.FromIPv4(0x5501_0100, 1))
            : to.CommonBlock(Endpoint.FromIPv6(0x2A11_0001_0001_0000, 1, 1)) >= NetworkBlock.Organisation;
        int packets = world.Sent.Count(sent => IsVictim(sent.To));
        Assert.True(packets is > 0 and <= 60 * 5, $"{packets} packets in a minute");
    }

    [Fact]
    public void AChangedAddress_IsNoticedSoon()
    {
        World world = Create(120);
        world.Answers.SeenAtIPv4 = Endpoint.Parse("9.9.9.9:6881");
        world.Run(TimeSpan.FromMinutes(20));
        Assert.True(world.Node.TryGetExternalAddress(IpFamily.IPv4, out Endpoint before));
        world.Answers.SeenAtIPv4 = Endpoint.Parse("9.9.8.8:6881");
        Instant changedAt = world.Now;
        int queries = world.Queries.Sum();
        world.Network.RunUntil(
            () => world.Node.TryGetExternalAddress(IpFamily.IPv4, out Endpoint now) && !now.HasSameAddress(before),
            TimeSpan.FromMinutes(30));
        Assert.True(
            world.Now - changedAt <= TimeSpan.FromMinutes(6),
            $"noticed after {world.Now - changedAt}, {world.Queries.Sum() - queries} queries");
    }

    private static World Create(int neighbours)
    {
        var world = new World(new WorldOptions
        {
            IPv4Count = neighbours,
            HasTables = true,
            KeepsUpkeep = true,
        });
        world.Node.AddBootstrap(world.Neighbours[0].Endpoint);
        return world;
    }
}
