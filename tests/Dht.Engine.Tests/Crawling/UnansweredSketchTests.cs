using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Crawling;

public class UnansweredSketchTests
{
    private static readonly EndpointHasher Hasher = new(3, 5);

    [Fact]
    public void AnAddress_HasRoomForSoManyAndNoMore()
    {
        var sketch = new UnansweredSketch(100_000, 64, Hasher);
        for (ushort port = 1; port <= 64; port++)
        {
            Assert.True(sketch.HasRoom(Endpoint.FromIPv4(0x08080808, port)), $"port {port}");
            sketch.Add(Endpoint.FromIPv4(0x08080808, port));
        }

        Assert.False(sketch.HasRoom(Endpoint.FromIPv4(0x08080808, 65)));
        Assert.False(sketch.HasRoom(Endpoint.FromIPv4(0x08080808, 1)));
        Assert.True(sketch.HasRoom(Endpoint.FromIPv4(0x08080809, 1)));
        Assert.True(sketch.HasRoom(Endpoint.FromIPv6(0, 0x08080807, 1)));
    }

    [Fact]
    public void TheAddressesOfOneIPv6Slash64_ShareTheirRoom()
    {
        var sketch = new UnansweredSketch(100_000, 64, Hasher);
        for (ulong host = 1; host <= 64; host++)
        {
            sketch.Add(Endpoint.FromIPv6(0x2001_4860_0000_0000, host, 6881));
        }

        Assert.False(sketch.HasRoom(Endpoint.FromIPv6(0x2001_4860_0000_0000, 65, 6881)));
        Assert.True(sketch.HasRoom(Endpoint.FromIPv6(0x2001_4860_0000_0001, 65, 6881)));
    }

    [Fact]
    public void WithoutALimit_ThereIsAlwaysRoomAndNoMemory()
    {
        var sketch = new UnansweredSketch(100_000, 0, Hasher);
        for (int i = 0; i < 1000; i++)
        {
            sketch.Add(Endpoint.FromIPv4(0x08080808, 1));
        }

        Assert.True(sketch.HasRoom(Endpoint.FromIPv4(0x08080808, 2)));
        Assert.Equal(0, sketch.MemoryBytes);
    }

    [Fact]
    public void WhenStrangersShareBytes_ItAsksToGrow_UpToSixteenMegabytes()
    {
        var sketch = new UnansweredSketch(0, 64, Hasher);
        uint added = 0;
        for (; !sketch.IsSaturated; added++)
        {
            sketch.Add(Endpoint.FromIPv4(added, 1));
        }

        Assert.Equal((sketch.MemoryBytes * 4) + 1, added);
        while (sketch.IsSaturated)
        {
            long before = sketch.MemoryBytes;
            sketch.Grow();
            Assert.Equal(before * 4, sketch.MemoryBytes);
            Assert.True(sketch.HasRoom(Endpoint.FromIPv4(0, 1)));
            sketch.Add(Endpoint.FromIPv4(0, 1), times: int.MaxValue / 32);
            Assert.False(sketch.HasRoom(Endpoint.FromIPv4(0, 1)));
        }

        Assert.Equal(1 << 24, sketch.MemoryBytes);
        sketch.CheckInvariants();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ItNeverCountsTooLow(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        var sketch = new UnansweredSketch(1, 250, new EndpointHasher(random.NextUInt64(), random.NextUInt64()));
        for (int i = 0; i < 500_000; i++)
        {
            Endpoint stranger = Endpoint.FromIPv4(random.NextUInt32(), 1);
            if (sketch.HasRoom(stranger))
            {
                sketch.Add(stranger);
            }
        }

        var victim = Endpoint.FromIPv4(0x08080808, 1);
        int taken = 0;
        for (; taken <= 250 && sketch.HasRoom(victim); taken++)
        {
            sketch.Add(victim);
        }

        Assert.InRange(taken, 1, 250);
        sketch.CheckInvariants();
    }

    [Fact]
    public void Strangers_RarelyCrowdEachOther()
    {
        const int addresses = 1_000_000;
        var sketch = new UnansweredSketch(addresses, 64, Hasher);
        int refused = 0;
        for (uint i = 0; i < addresses; i++)
        {
            Endpoint endpoint = Endpoint.FromIPv4(0x08000000 + i, 6881);
            refused += sketch.HasRoom(endpoint) ? 0 : 1;
            sketch.Add(endpoint);
        }

        Assert.Equal(0, refused);
        Assert.InRange(sketch.MemoryBytes, addresses / 2, addresses);
        sketch.CheckInvariants();
    }
}
