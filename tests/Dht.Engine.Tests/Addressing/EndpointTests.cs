using System.Net;
using Dht.Engine.Addressing;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Addressing;

public class EndpointTests
{
    private static readonly Endpoint Four = Endpoint.FromIPv4(0x01020304, 6881);
    private static readonly Endpoint Six = Endpoint.FromIPv6(0x20010db800000000, 1, 6881);

    [Theory]
    [InlineData("0.0.0.0:0", true)]
    [InlineData("0.0.0.0:6881", true)]
    [InlineData("[::]:6881", true)]
    [InlineData("0.0.0.1:0", false)]
    [InlineData("[::1]:0", false)]
    [InlineData("[1::]:0", false)]
    public void IsUnspecified_OnTheWildcardAddressesOnly(string text, bool expected)
    {
        Assert.Equal(expected, Endpoint.Parse(text).IsUnspecified);
        Assert.False(default(Endpoint).IsUnspecified);
    }

    [Fact]
    public void Compact_IPv4()
    {
        byte[] bytes = new byte[8];
        Assert.Equal(6, Four.WriteCompact(bytes));
        Assert.Equal([1, 2, 3, 4, 0x1A, 0xE1, 0, 0], bytes);
        Assert.True(Endpoint.TryReadCompact(bytes.AsSpan(0, 6), out Endpoint read));
        Assert.Equal(Four, read);
        Assert.True(read.IsIPv4);
        Assert.False(read.IsIPv6);
        Assert.Equal(6, read.CompactSize);
        Assert.Equal(0x01020304U, read.IPv4Bits);
    }

    [Fact]
    public void Compact_IPv6()
    {
        byte[] bytes = new byte[20];
        Assert.Equal(18, Six.WriteCompact(bytes));
        Assert.Equal("20010db80000000000000000000000011ae10000", Convert.ToHexStringLower(bytes));
        Assert.True(Endpoint.TryReadCompact(bytes.AsSpan(0, 18), out Endpoint read));
        Assert.Equal(Six, read);
        Assert.True(read.IsIPv6);
        Assert.False(read.IsIPv4);
        Assert.Equal(18, read.CompactSize);
        Assert.Equal((0x20010db800000000UL, 1UL), (read.UpperBits, read.LowerBits));
    }

    [Fact]
    public void Compact_RefusesEveryOtherLength()
    {
        for (int length = 0; length <= 64; length++)
        {
            bool read = Endpoint.TryReadCompact(new byte[length], out Endpoint endpoint);
            Assert.Equal(length is 6 or 18, read);
            Assert.True(read || endpoint == default);
        }
    }

    [Fact]
    public void WriteCompact_RefusesAShortSpan()
    {
        Assert.Throws<ArgumentException>(() => Four.WriteCompact(new byte[5]));
        Assert.Throws<ArgumentException>(() => Six.WriteCompact(new byte[17]));
        Assert.Equal(0, default(Endpoint).WriteCompact([]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void RandomEndpoints_RoundTrip(int seed)
    {
        var random = new Random(seed);
        byte[] compact = new byte[18];
        byte[] copy = new byte[18];
        for (int round = 0; round < 1_000; round++)
        {
            int length = random.Next(2) == 0 ? 6 : 18;
            random.NextBytes(compact);
            for (int i = random.Next(17); i < 16 && random.Next(2) == 0; i++)
            {
                compact[i] = 0;
            }

            string what = $"seed {seed}, round {round}";
            Assert.True(Endpoint.TryReadCompact(compact.AsSpan(0, length), out Endpoint endpoint), what);
            Assert.True(endpoint.WriteCompact(copy) == length, what);
            Assert.True(compact.AsSpan(0, length).SequenceEqual(copy.AsSpan(0, length)), what);
            Assert.True(Endpoint.Parse(endpoint.ToString()) == endpoint, $"{what}: {endpoint}");
            Assert.True(Endpoint.FromAddress(endpoint.ToAddress(), endpoint.Port) == endpoint, what);
            Assert.True(new IPEndPoint(endpoint.ToAddress(), endpoint.Port).ToString() == endpoint.ToString(), what);
        }
    }

    [Fact]
    public void Equality_LooksAtFamilyAddressAndPort()
    {
        Endpoint same = Endpoint.FromIPv4(0x01020304, 6881);
        Assert.True(Four == same);
        Assert.False(Four != same);
        Assert.True(Four.Equals((object)same));
        Assert.False(Four.Equals("1.2.3.4:6881"));
        Assert.Equal(Four.GetHashCode(), same.GetHashCode());
        Endpoint[] others =
        [
            default, Four.WithPort(6882), Endpoint.FromIPv4(0x01020305, 6881),
            Endpoint.FromIPv6(0, 0x01020304, 6881), Six,
        ];
        Assert.All(others, other => Assert.True(Four != other));
    }

    [Theory]
    [InlineData("1.2.3.4:1", "1.2.3.4:2", true, true)]
    [InlineData("1.2.3.4:1", "1.2.3.5:1", false, true)]
    [InlineData("1.2.3.4:1", "1.2.4.4:1", false, false)]
    [InlineData("[2001:db8::1]:1", "[2001:db8::ffff:0:0:1]:2", true, true)]
    [InlineData("[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false, true)]
    [InlineData("[2001:db8::1]:1", "[2001:db8:0:ff::1]:1", false, true)]
    [InlineData("[2001:db8::1]:1", "[2001:db8:0:100::1]:1", false, false)]
    [InlineData("[::1.2.3.4]:1", "1.2.3.4:1", false, false)]
    public void ASiteIsAnIPv4AddressOrA64_ANetworkA24OrA56(string left, string right, bool sameSite, bool sameNetwork)
    {
        Endpoint one = Endpoint.Parse(left);
        Endpoint other = Endpoint.Parse(right);
        Assert.Equal(sameSite, one.HasSameSite(other));
        Assert.Equal(sameSite, other.HasSameSite(one));
        Assert.Equal(sameNetwork, one.HasSameNetwork(other));
        Assert.Equal(sameNetwork, other.HasSameNetwork(one));
        var hasher = new EndpointHasher(0x1234567890ABCDEF, 0xFEDCBA0987654321);
        Assert.True(one.IsIPv4 != other.IsIPv4 || sameSite == (hasher.HashSite(one) == hasher.HashSite(other)));
    }

    [Theory]
    [InlineData("1.2.3.4:1", "1.2.3.5:1", (int)NetworkBlock.Network)]
    [InlineData("1.2.3.4:1", "1.2.4.4:1", (int)NetworkBlock.None)]
    [InlineData("127.0.0.1:1", "127.0.0.1:2", (int)NetworkBlock.Network)]
    [InlineData("127.0.0.1:1", "127.0.0.2:1", (int)NetworkBlock.None)]
    [InlineData("[2a00:1:2:3::1]:1", "[2a00:1:2:4::1]:1", (int)NetworkBlock.Network)]
    [InlineData("[2a00:1:2:3::1]:1", "[2a00:1:2:103::1]:1", (int)NetworkBlock.Organisation)]
    [InlineData("[2a00:1:2::1]:1", "[2a00:1:3::1]:1", (int)NetworkBlock.Provider)]
    [InlineData("[2a00:1::1]:1", "[2a00:2::1]:1", (int)NetworkBlock.None)]
    [InlineData("[fd00::1]:1", "[fd00:0:0:1::1]:1", (int)NetworkBlock.None)]
    [InlineData("1.2.3.4:1", "[::1.2.3.4]:1", (int)NetworkBlock.None)]
    public void TheSmallestBlockThatHoldsTwoEndpoints(string left, string right, int block)
    {
        Endpoint one = Endpoint.Parse(left);
        Endpoint other = Endpoint.Parse(right);
        Assert.Equal((NetworkBlock)block, one.CommonBlock(other));
        Assert.Equal((NetworkBlock)block, other.CommonBlock(one));
        for (NetworkBlock key = NetworkBlock.Provider; one.IsIPv4 == other.IsIPv4 && key <= NetworkBlock.Network; key++)
        {
            bool isShared = one.IsIPv4 ? block > 0 : (int)key <= block;
            Assert.Equal(isShared, one.BlockOf(key) == other.BlockOf(key));
        }
    }

    [Fact]
    public void HasSameAddress_IgnoresThePortOnly()
    {
        Assert.True(Four.HasSameAddress(Four.WithPort(1)));
        Assert.True(Six.HasSameAddress(Six.WithPort(1)));
        Assert.False(Four.HasSameAddress(Endpoint.FromIPv4(0x01020305, 6881)));
        Assert.False(Six.HasSameAddress(Endpoint.FromIPv6(0x20010db800000001, 1, 6881)));
        Assert.False(Four.HasSameAddress(Endpoint.FromIPv6(0, 0x01020304, 6881)));
    }

    [Fact]
    public void Unmap_TakesOnlyMappedAddresses()
    {
        Assert.Equal(Four, Endpoint.Parse("[::ffff:1.2.3.4]:6881").Unmap());
        Endpoint[] unchanged =
        [
            Four, Six, default, Endpoint.Parse("[::1.2.3.4]:1"), Endpoint.Parse("[::fffe:1.2.3.4]:1"),
            Endpoint.Parse("[1::ffff:1.2.3.4]:1"),
        ];
        Assert.All(unchanged, e => Assert.Equal(e, e.Unmap()));
    }

    [Fact]
    public void FromAddress_DropsTheScope()
    {
        var scoped = new IPAddress([0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7], 3);
        Assert.Equal("[fe80::7]:9", Endpoint.FromAddress(scoped, 9).ToString());
        Assert.Throws<ArgumentNullException>(() => Endpoint.FromAddress(null!, 1));
    }

    [Fact]
    public void NoAddress_IsSaidSo()
    {
        Assert.Equal("none", default(Endpoint).ToString());
        Assert.Equal(IpFamily.None, default(Endpoint).Family);
        Assert.Equal(0, default(Endpoint).CompactSize);
        Assert.Equal(IPAddress.None, default(Endpoint).ToAddress());
    }

    [Fact]
    public void AValueOf24Bytes() => Assert.Equal(24, System.Runtime.CompilerServices.Unsafe.SizeOf<Endpoint>());

    [Fact]
    public void HotMembers_AllocateNothing() => AllocationGuard.AssertNone(new byte[18], static bytes =>
    {
        Endpoint.TryReadCompact(bytes, out Endpoint six);
        Endpoint.TryReadCompact(bytes.AsSpan(0, 6), out Endpoint four);
        four.WriteCompact(bytes);
        six.WriteCompact(bytes);
        _ = four == six || four.HasSameAddress(six) || four.Unmap().Equals(six.WithPort(3).Unmap());
        _ = four.GetHashCode() + six.GetHashCode() + six.CompactSize;
        _ = Endpoint.TryParse("1.2.3.4:6881", out _);
        _ = Endpoint.TryParse("1.2.3.4:x", out _);
    });
}
