using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Crawling;

public class AddressCrowdTests
{
    private static readonly EndpointHasher Hasher = new(3, 5);

    [Fact]
    public void AnAddress_HasRoomForSoManyAndNoMore()
    {
        var crowd = new AddressCrowd(100_000, 64, Hasher);
        for (ushort port = 1; port <= 64; port++)
        {
            Assert.True(crowd.HasRoom(Endpoint.FromIPv4(0x08080808, port)), $"port {port}");
            crowd.Add(Endpoint.FromIPv4(0x08080808, port));
        }

        Assert.False(crowd.HasRoom(Endpoint.FromIPv4(0x08080808, 65)));
        Assert.False(crowd.HasRoom(Endpoint.FromIPv4(0x08080808, 1)));
        Assert.True(crowd.HasRoom(Endpoint.FromIPv4(0x08080809, 1)));
        Assert.True(crowd.HasRoom(Endpoint.FromIPv6(0, 0x08080807, 1)));
    }

    [Fact]
    public void TheAddressesOfOneIPv6Slash64_ShareTheirRoom()
    {
        var crowd = new AddressCrowd(100_000, 64, Hasher);
        for (ulong host = 1; host <= 64; host++)
        {
            crowd.Add(Endpoint.FromIPv6(0x2001_4860_0000_0000, host, 6881));
        }

        Assert.False(crowd.HasRoom(Endpoint.FromIPv6(0x2001_4860_0000_0000, 65, 6881)));
        Assert.True(crowd.HasRoom(Endpoint.FromIPv6(0x2001_4860_0000_0001, 65, 6881)));
    }

    [Fact]
    public void WithoutALimit_ThereIsAlwaysRoomAndNoMemory()
    {
        var crowd = new AddressCrowd(100_000, 0, Hasher);
        for (int i = 0; i < 1000; i++)
        {
            crowd.Add(Endpoint.FromIPv4(0x08080808, 1));
        }

        Assert.True(crowd.HasRoom(Endpoint.FromIPv4(0x08080808, 2)));
        Assert.Equal(0, crowd.MemoryBytes);
    }

    [Fact]
    public void WhenStrangersShareBytes_ItAsksToGrow_UpToSixteenMegabytes()
    {
        var crowd = new AddressCrowd(0, 64, Hasher);
        uint added = 0;
        for (; !crowd.IsCramped; added++)
        {
            crowd.Add(Endpoint.FromIPv4(added, 1));
        }

        Assert.Equal((crowd.MemoryBytes * 4) + 1, added);
        while (crowd.IsCramped)
        {
            long before = crowd.MemoryBytes;
            crowd.Grow();
            Assert.Equal(before * 4, crowd.MemoryBytes);
            Assert.True(crowd.HasRoom(Endpoint.FromIPv4(0, 1)));
            crowd.Add(Endpoint.FromIPv4(0, 1), times: int.MaxValue / 32);
            Assert.False(crowd.HasRoom(Endpoint.FromIPv4(0, 1)));
        }

        Assert.Equal(1 << 24, crowd.MemoryBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ItNeverCountsTooLow(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        var crowd = new AddressCrowd(1, 250, new EndpointHasher(random.NextUInt64(), random.NextUInt64()));
        for (int i = 0; i < 500_000; i++)
        {
            Endpoint stranger = Endpoint.FromIPv4(random.NextUInt32(), 1);
            if (crowd.HasRoom(stranger))
            {
                crowd.Add(stranger);
            }
        }

        var victim = Endpoint.FromIPv4(0x08080808, 1);
        int taken = 0;
        for (; taken <= 250 && crowd.HasRoom(victim); taken++)
        {
            crowd.Add(victim);
        }

        Assert.InRange(taken, 1, 250);
    }

    [Fact]
    public void Strangers_SeldomCrowdEachOther()
    {
        const int addresses = 1_000_000;
        var crowd = new AddressCrowd(addresses, 64, Hasher);
        int refused = 0;
        for (uint i = 0; i < addresses; i++)
        {
            Endpoint endpoint = Endpoint.FromIPv4(0x08000000 + i, 6881);
            refused += crowd.HasRoom(endpoint) ? 0 : 1;
            crowd.Add(endpoint);
        }

        Assert.Equal(0, refused);
        Assert.InRange(crowd.MemoryBytes, addresses / 2, addresses);
    }
}
