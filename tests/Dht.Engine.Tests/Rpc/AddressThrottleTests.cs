using Dht.Engine.Addressing;
using Dht.Engine.Rpc;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Rpc;

public sealed class AddressThrottleTests
{
    private static readonly EndpointHasher Hasher = new(0x1234567890ABCDEF, 0xFEDCBA0987654321);

    [Theory]
    [InlineData(4, 4)]
    [InlineData(20, 60)]
    [InlineData(0.5, 1)]
    public void RateAndBurst_AreWhatWasAskedFor(double perSecond, int burst)
    {
        var throttle = new AddressThrottle(perSecond, burst, 64, Hasher);
        Endpoint address = Address(1);
        Instant now = Instant.Zero + TimeSpan.FromHours(1);
        Assert.Equal(burst, PassAll(throttle, address, now));
        int passed = 0;
        for (int step = 0; step < 100_000; step++)
        {
            now += TimeSpan.FromMilliseconds(1);
            passed += throttle.TryPass(address, now) ? 1 : 0;
        }

        Assert.InRange(passed, (perSecond * 100) - 1, (perSecond * 100) + 1);
        Assert.Equal(burst, PassAll(throttle, address, now + TimeSpan.FromHours(1)));
    }

    [Fact]
    public void EveryAddress_HasALimitOfItsOwn()
    {
        var throttle = new AddressThrottle(1, 2, 1024, Hasher);
        for (uint i = 0; i < 100; i++)
        {
            Assert.Equal(2, PassAll(throttle, Address(i), Instant.Zero));
        }

        Assert.False(throttle.TryPass(Address(99), Instant.Zero));
    }

    [Fact]
    public void HasRoom_TellsWhatTryPassWouldAndCountsNothing()
    {
        var throttle = new AddressThrottle(1, 2, 1024, Hasher);
        Instant now = Instant.Zero + TimeSpan.FromHours(1);
        for (int i = 0; i < 1_000; i++)
        {
            now += TimeSpan.FromMilliseconds(100);
            bool hasRoom = throttle.HasRoom(Address(1), now) && throttle.HasRoom(Address(1), now);
            Assert.Equal(hasRoom, throttle.TryPass(Address(1), now));
        }

        Assert.True(new AddressThrottle(0, 1, 4, Hasher).HasRoom(Address(1), now));
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 200)]
    public void Ports_ShareALimitUnlessEachHasItsOwn(bool perPort, int expected)
    {
        var throttle = new AddressThrottle(1, 2, 4096, Hasher, perPort);
        int passed = 0;
        for (ushort port = 1; port <= 100; port++)
        {
            passed += PassAll(throttle, Address(1).WithPort(port), Instant.Zero);
        }

        Assert.Equal(expected, passed);
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 200)]
    public void TheAddressesOfOneIPv6Slash64_ShareALimitUnlessEachEndpointHasItsOwn(bool perPort, int expected)
    {
        var throttle = new AddressThrottle(1, 2, 4096, Hasher, perPort);
        int passed = 0;
        for (ulong host = 1; host <= 100; host++)
        {
            passed += PassAll(throttle, Endpoint.FromIPv6(0x2001_4860_0000_0000, host << 20, 6881), Instant.Zero);
        }

        Assert.Equal(expected, passed);
        Assert.True(throttle.TryPass(Endpoint.FromIPv6(0x2001_4860_0000_0001, 1, 6881), Instant.Zero));
    }

    [Fact]
    public void AMillionAddresses_NeitherGrowMemoryNorLiftTheLimitOfTheNext()
    {
        var throttle = new AddressThrottle(1, 2, 1024, Hasher);
        Instant now = Instant.Zero + TimeSpan.FromHours(1);
        Assert.Equal(0, AllocationGuard.OnThread((throttle, now), static state =>
        {
            for (uint i = 0; i < 1_000_000; i++)
            {
                state.throttle.TryPass(Address(i), state.now);
            }
        }));
        throttle.CheckInvariants();
        Assert.InRange(PassAll(throttle, Address(0xFFFF_FFFE), now), 1, 2);
    }

    [Fact]
    public void NewcomersTakeTheEntryThatIsLongestDone()
    {
        // One set of four: with five addresses one must go, and it is never the busiest.
        var throttle = new AddressThrottle(1, 10, 4, Hasher);
        Instant now = Instant.Zero + TimeSpan.FromHours(1);
        Assert.Equal(10, PassAll(throttle, Address(0), now));
        for (uint i = 1; i < 100; i++)
        {
            Assert.True(throttle.TryPass(Address(i), now));
        }

        Assert.False(throttle.TryPass(Address(0), now));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void WithoutALimit_EverythingPasses(double perSecond)
    {
        var throttle = new AddressThrottle(perSecond, 1, 4, Hasher);
        Assert.True(throttle.IsUnlimited);
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(throttle.TryPass(Address(1), Instant.Zero));
        }
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 3)]
    public void SettingsOutOfRange_AreRefused(int burst, int addresses) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AddressThrottle(1, burst, addresses, Hasher));

    [Fact]
    public void VerySlowAndVeryFastRates_Work()
    {
        var slow = new AddressThrottle(1e-15, 1000, 4, Hasher);
        Assert.Equal(1000, PassAll(slow, Address(1), new Instant(1)));
        Assert.False(slow.TryPass(Address(1), new Instant(1) + TimeSpan.FromDays(364)));
        var fast = new AddressThrottle(double.PositiveInfinity, 1, 4, Hasher);
        Assert.True(fast.TryPass(Address(1), new Instant(1)));
        Assert.True(fast.TryPass(Address(1), new Instant(1)));
    }

    private static Endpoint Address(uint number) => Endpoint.FromIPv4(0x08000000 + number, 6881);

    private static int PassAll(AddressThrottle throttle, Endpoint address, Instant now)
    {
        int passed = 0;
        while (passed < 10_000 && throttle.TryPass(address, now))
        {
            passed++;
            throttle.CheckInvariants();
        }

        return passed;
    }
}
