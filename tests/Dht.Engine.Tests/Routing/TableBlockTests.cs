using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Routing;

/// <summary>What one IPv6 /48, which anybody can have, and one /32 get of a table.</summary>
public sealed class TableBlockTests
{
    private readonly SeededRandomSource _random = new(43);

    /// <summary>
    /// 256 networks of one /48 with ids of its choice, against a table of strangers and an empty one.
    /// </summary>
    [Theory]
    [InlineData(RoutingTableKind.Kademlia, false)]
    [InlineData(RoutingTableKind.Kademlia, true)]
    [InlineData(RoutingTableKind.Mainline, false)]
    [InlineData(RoutingTableKind.Mainline, true)]
    public void OneSlash48_HasAtMostEightPlaces_AndThreeOfTheNearest(RoutingTableKind kind, bool hasStrangers)
    {
        BucketTable table = Create(kind);
        for (ulong i = 0; hasStrangers && i < 400; i++)
        {
            Insert(table, (int)(i % 10), 0x2A00_0000_0000_0000 + (i << 32));
        }

        int before = table.Count;
        for (int round = 0; round < 20; round++)
        {
            for (ulong network = 0; network < 256; network++)
            {
                Insert(table, (int)(network % 24), 0x2A0F_FFFF_0001_0000 + (network << 8));
            }
        }

        Assert.InRange(table.Count - before, 3, 8);
        int near = TableFill.Closest(table, table.Self, default, 8)
            .Count(node => node.Endpoint.UpperBits >> 16 == 0x2A0F_FFFF_0001);
        Assert.InRange(near, 1, 3);
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void OneSlash32_HasAtMostSixteenPlaces_AndFourOfABucket(RoutingTableKind kind)
    {
        BucketTable table = Create(kind);
        for (ulong organisation = 0; organisation < 40; organisation++)
        {
            Insert(table, 0, 0x2A0F_FFFF_0000_0000 + (organisation << 16));
        }

        // In a table that splits, the home bucket is the only one yet.
        Assert.Equal(4, table.Count);
        for (ulong i = 0; i < 400; i++)
        {
            Insert(table, (int)(i % 10), 0x2A00_0000_0000_0000 + (i << 32));
        }

        int before = table.Count;
        for (ulong organisation = 0; organisation < 1_000; organisation++)
        {
            Insert(table, (int)(organisation % 24), 0x2A0F_FFFF_0000_0000 + (organisation << 16));
        }

        int held = TableFill.Walk(table, Instant.Zero)
            .Count(contact => contact.Endpoint.UpperBits >> 32 == 0x2A0F_FFFF);
        Assert.InRange(held, 5, 16);
        Assert.Equal(held - 4, table.Count - before);
    }

    [Fact]
    public void WhereAddressesAreShared_BlocksAreToo()
    {
        var table = new KademliaTable(
            NodeId.Random(_random), IpFamily.IPv6, new RoutingTableOptions { AllowSharedAddresses = true });
        for (ulong network = 0; network < 100; network++)
        {
            Insert(table, (int)(network % 20), 0x2A0F_FFFF_0001_0000 + network);
        }

        Assert.Equal(100, table.Count);
    }

    /// <summary>Addresses of a laboratory are networks of their own, however near they are.</summary>
    [Fact]
    public void LocalAddresses_AreOfNoBlock()
    {
        var table = new KademliaTable(NodeId.Random(_random), IpFamily.IPv6);
        for (ulong network = 0; network < 60; network++)
        {
            Insert(table, (int)(network % 20), 0xFD00_0000_0000_0000 + network);
        }

        Assert.Equal(60, table.Count);
    }

    [Fact]
    public void APlaceThatIsLeft_IsFreeAgain()
    {
        BucketTable table = Create(RoutingTableKind.Kademlia);
        for (ulong network = 0; network < 40; network++)
        {
            Insert(table, (int)network, 0x2A0F_FFFF_0001_0000 + (network << 8));
        }

        Contact[] held = [.. TableFill.Walk(table, Instant.Zero)];
        Assert.Equal(3, held.Length);
        table.MarkReplaced(held[0].Id, held[0].Endpoint);
        Assert.Equal(2, table.Count);
        Insert(table, 50, 0x2A0F_FFFF_0001_0000 + (50 << 8));
        Assert.Equal(3, table.Count);
        table.CheckInvariants();
    }

    private BucketTable Create(RoutingTableKind kind)
    {
        NodeId self = NodeId.Random(_random);
        return kind == RoutingTableKind.Kademlia
            ? new KademliaTable(self, IpFamily.IPv6)
            : new MainlineTable(self, IpFamily.IPv6);
    }

    private void Insert(BucketTable table, int shared, ulong upperBits)
    {
        NodeId id = table.Self.RandomWithCommonPrefix(shared, _random);
        var endpoint = Endpoint.FromIPv6(upperBits, 1, 6881);
        bool isWanted = table.Wants(id, endpoint);
        bool isIn = table.Insert(id, endpoint, Instant.Zero);
        Assert.True(isWanted || !isIn);
    }
}
