using Dht.Engine.Addressing;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Addressing;

public class AddressPolicyTests
{
    private const AddressVerdict Ok = AddressVerdict.Allowed;

    /// <summary>
    /// Each block: first and last address, its verdict, and the verdicts of the addresses just before and behind.
    /// </summary>
    public static TheoryData<string, string, AddressVerdict, AddressVerdict?, AddressVerdict?> BlocksIPv4 => new()
    {
        { "0.0.0.0", "0.255.255.255", AddressVerdict.Unspecified, null, Ok },
        { "10.0.0.0", "10.255.255.255", AddressVerdict.Private, Ok, Ok },
        { "100.64.0.0", "100.127.255.255", AddressVerdict.CarrierNat, Ok, Ok },
        { "127.0.0.0", "127.255.255.255", AddressVerdict.Loopback, Ok, Ok },
        { "169.254.0.0", "169.254.255.255", AddressVerdict.LinkLocal, Ok, Ok },
        { "172.16.0.0", "172.31.255.255", AddressVerdict.Private, Ok, Ok },
        { "192.0.0.0", "192.0.0.255", AddressVerdict.Reserved, Ok, Ok },
        { "192.0.2.0", "192.0.2.255", AddressVerdict.Documentation, Ok, Ok },
        { "192.88.99.0", "192.88.99.255", AddressVerdict.Reserved, Ok, Ok },
        { "192.168.0.0", "192.168.255.255", AddressVerdict.Private, Ok, Ok },
        { "198.18.0.0", "198.19.255.255", AddressVerdict.Benchmark, Ok, Ok },
        { "198.51.100.0", "198.51.100.255", AddressVerdict.Documentation, Ok, Ok },
        { "203.0.113.0", "203.0.113.255", AddressVerdict.Documentation, Ok, Ok },
        { "224.0.0.0", "239.255.255.255", AddressVerdict.Multicast, Ok, AddressVerdict.Reserved },
        { "240.0.0.0", "255.255.255.255", AddressVerdict.Reserved, AddressVerdict.Multicast, null },
    };

    /// <inheritdoc cref="BlocksIPv4"/>
    public static TheoryData<string, string, AddressVerdict, AddressVerdict?, AddressVerdict?> BlocksIPv6 => new()
    {
        { "::", "::", AddressVerdict.Unspecified, null, AddressVerdict.Loopback },
        { "::1", "::1", AddressVerdict.Loopback, AddressVerdict.Unspecified, AddressVerdict.EmbeddedIPv4 },
        { "::2", "::ffff:ffff", AddressVerdict.EmbeddedIPv4, AddressVerdict.Loopback, AddressVerdict.Reserved },
        {
            "::ffff:0:0", "::ffff:ffff:ffff",
            AddressVerdict.EmbeddedIPv4, AddressVerdict.Reserved, AddressVerdict.Reserved
        },
        {
            "64:ff9b::", "64:ff9b::ffff:ffff",
            AddressVerdict.EmbeddedIPv4, AddressVerdict.Reserved, AddressVerdict.Reserved
        },
        {
            "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
            AddressVerdict.EmbeddedIPv4, AddressVerdict.Reserved, AddressVerdict.Reserved
        },
        {
            "100::", "100::ffff:ffff:ffff:ffff",
            AddressVerdict.Reserved, AddressVerdict.Reserved, AddressVerdict.Reserved
        },
        {
            "100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff",
            AddressVerdict.Reserved, AddressVerdict.Reserved, AddressVerdict.Reserved
        },
        { "1000::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressVerdict.Reserved, AddressVerdict.Reserved, Ok },
        {
            "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff",
            AddressVerdict.EmbeddedIPv4, Ok, AddressVerdict.Reserved
        },
        {
            "2001:1::", "2001:1:ffff:ffff:ffff:ffff:ffff:ffff",
            AddressVerdict.Reserved, AddressVerdict.EmbeddedIPv4, AddressVerdict.Benchmark
        },
        {
            "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff",
            AddressVerdict.Benchmark, AddressVerdict.Reserved, AddressVerdict.Reserved
        },
        { "2001:3::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", AddressVerdict.Reserved, AddressVerdict.Reserved, Ok },
        { "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressVerdict.EmbeddedIPv4, Ok, Ok },
        { "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", AddressVerdict.Documentation, Ok, Ok },
        { "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", AddressVerdict.Documentation, Ok, Ok },
        { "4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", AddressVerdict.Reserved, Ok, AddressVerdict.Private },
        {
            "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            AddressVerdict.Reserved, AddressVerdict.Reserved, AddressVerdict.Reserved
        },
        {
            "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            AddressVerdict.Private, AddressVerdict.Reserved, AddressVerdict.Reserved
        },
        {
            "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            AddressVerdict.LinkLocal, AddressVerdict.Reserved, AddressVerdict.LinkLocal
        },
        {
            "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            AddressVerdict.LinkLocal, AddressVerdict.LinkLocal, AddressVerdict.Multicast
        },
        {
            "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            AddressVerdict.Multicast, AddressVerdict.LinkLocal, null
        },
    };

    [Theory]
    [MemberData(nameof(BlocksIPv4))]
    [MemberData(nameof(BlocksIPv6))]
    public void Blocks_HaveSharpEdges(
        string first, string last, AddressVerdict verdict, AddressVerdict? before, AddressVerdict? behind)
    {
        Endpoint low = At(first);
        Endpoint high = At(last);
        Assert.Equal(verdict, AddressPolicy.Classify(low));
        Assert.Equal(verdict, AddressPolicy.Classify(high));
        Assert.Equal(verdict, AddressPolicy.Public.Check(low));
        Assert.Equal(before, before is null ? null : AddressPolicy.Public.Check(Step(low, -1)));
        Assert.Equal(behind, behind is null ? null : AddressPolicy.Public.Check(Step(high, 1)));
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("8.8.8.8")]
    [InlineData("100.63.255.255")]
    [InlineData("192.31.196.1")]
    [InlineData("192.52.193.1")]
    [InlineData("192.175.48.1")]
    [InlineData("223.255.255.255")]
    [InlineData("24fc::")]
    [InlineData("24fc::1")]
    [InlineData("2000::")]
    [InlineData("2001:200::1")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("2620:4f:8000::1")]
    [InlineData("2a00:1450::1")]
    [InlineData("2fe8::1")]
    public void PublicAddresses_AreAllowed(string address)
    {
        Assert.Equal(Ok, AddressPolicy.Public.Check(At(address)));
        Assert.Equal(Ok, AddressPolicy.AllowLocal.Check(At(address)));
    }

    [Theory]
    [InlineData("2002:0808:0808::1", AddressVerdict.EmbeddedIPv4)]
    [InlineData("2002:0a00:0001::1", AddressVerdict.EmbeddedIPv4)]
    [InlineData("2002:7f00:0001::1", AddressVerdict.EmbeddedIPv4)]
    [InlineData("2002:c0a8:0101::1", AddressVerdict.EmbeddedIPv4)]
    [InlineData("2002:e000:0001::1", AddressVerdict.EmbeddedIPv4)]
    [InlineData("2001:0:4136:e378:8000:63bf:f7f7:f7f7", AddressVerdict.EmbeddedIPv4)]
    [InlineData("2001:0:4136:e378:8000:63bf:80ff:fffe", AddressVerdict.EmbeddedIPv4)]
    [InlineData("2001:0:4136:e378:8000:63bf:f5ff:fffe", AddressVerdict.EmbeddedIPv4)]
    public void Tunnels_AreRefused(string address, AddressVerdict verdict)
    {
        Assert.Equal(verdict, AddressPolicy.Public.Check(At(address)));
        Assert.Equal(verdict, AddressPolicy.AllowLocal.Check(At(address)));
    }

    /// <summary>
    /// IANA's registries of special-purpose addresses, IPv4 and IPv6, entry by entry (2024): whether a node of the DHT
    /// can be there. Globally reachable blocks that hold services only are refused, too, but for those of AS112 and
    /// AMT, which are ordinary unicast.
    /// </summary>
    [Theory]
    [InlineData("0.0.0.0", 8, false)]
    [InlineData("0.0.0.0", 32, false)]
    [InlineData("10.0.0.0", 8, false)]
    [InlineData("100.64.0.0", 10, false)]
    [InlineData("127.0.0.0", 8, false)]
    [InlineData("169.254.0.0", 16, false)]
    [InlineData("172.16.0.0", 12, false)]
    [InlineData("192.0.0.0", 24, false)]
    [InlineData("192.0.0.0", 29, false)]
    [InlineData("192.0.0.8", 32, false)]
    [InlineData("192.0.0.9", 32, false)]
    [InlineData("192.0.0.10", 32, false)]
    [InlineData("192.0.0.170", 31, false)]
    [InlineData("192.0.2.0", 24, false)]
    [InlineData("192.31.196.0", 24, true)]
    [InlineData("192.52.193.0", 24, true)]
    [InlineData("192.88.99.0", 24, false)]
    [InlineData("192.168.0.0", 16, false)]
    [InlineData("192.175.48.0", 24, true)]
    [InlineData("198.18.0.0", 15, false)]
    [InlineData("198.51.100.0", 24, false)]
    [InlineData("203.0.113.0", 24, false)]
    [InlineData("240.0.0.0", 4, false)]
    [InlineData("255.255.255.255", 32, false)]
    [InlineData("224.0.0.0", 4, false)]
    [InlineData("::1", 128, false)]
    [InlineData("::", 128, false)]
    [InlineData("::", 96, false)]
    [InlineData("::ffff:0:0", 96, false)]
    [InlineData("64:ff9b::", 96, false)]
    [InlineData("64:ff9b:1::", 48, false)]
    [InlineData("100::", 64, false)]
    [InlineData("100:0:0:1::", 64, false)]
    [InlineData("2001::", 23, false)]
    [InlineData("2001::", 32, false)]
    [InlineData("2001:1::1", 128, false)]
    [InlineData("2001:1::2", 128, false)]
    [InlineData("2001:1::3", 128, false)]
    [InlineData("2001:2::", 48, false)]
    [InlineData("2001:3::", 32, false)]
    [InlineData("2001:4:112::", 48, false)]
    [InlineData("2001:10::", 28, false)]
    [InlineData("2001:20::", 28, false)]
    [InlineData("2001:30::", 28, false)]
    [InlineData("2001:db8::", 32, false)]
    [InlineData("2002::", 16, false)]
    [InlineData("2620:4f:8000::", 48, true)]
    [InlineData("3fff::", 20, false)]
    [InlineData("5f00::", 16, false)]
    [InlineData("fc00::", 7, false)]
    [InlineData("fe80::", 10, false)]
    [InlineData("ff00::", 8, false)]
    public void TheRegistriesOfIana_AreHeeded(string first, int prefix, bool isAllowed)
    {
        Endpoint low = At(first);
        int hostBits = (low.IsIPv4 ? 32 : 128) - prefix;
        Endpoint high = low.IsIPv4
            ? Endpoint.FromIPv4((uint)(low.IPv4Bits + (1UL << hostBits) - 1), low.Port)
            : FromIPv6(new UInt128(low.UpperBits, low.LowerBits) + (UInt128.One << hostBits) - 1, low.Port);
        Assert.Equal(isAllowed, AddressPolicy.Public.Check(low) == Ok);
        Assert.Equal(isAllowed, AddressPolicy.Public.Check(high) == Ok);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.20.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.1.1")]
    [InlineData("192.0.2.1")]
    [InlineData("198.18.0.1")]
    [InlineData("::1")]
    [InlineData("fd00::1")]
    [InlineData("fe80::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2001:2::1")]
    public void AllowLocal_OpensTheLaboratory(string address)
    {
        Assert.NotEqual(Ok, AddressPolicy.Public.Check(At(address)));
        Assert.Equal(Ok, AddressPolicy.AllowLocal.Check(At(address)));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("192.0.0.1")]
    [InlineData("::")]
    [InlineData("ff02::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("100::1")]
    [InlineData("8000::1")]
    public void AllowLocal_StillRefusesWhatNoHostHas(string address) =>
        Assert.NotEqual(Ok, AddressPolicy.AllowLocal.Check(At(address)));

    [Fact]
    public void PortZeroAndNoAddress_AreRefusedByBoth()
    {
        foreach (AddressPolicy policy in new[] { AddressPolicy.Public, AddressPolicy.AllowLocal })
        {
            Assert.Equal(AddressVerdict.NoAddress, policy.Check(default));
            Assert.Equal(AddressVerdict.PortZero, policy.Check(At("8.8.8.8").WithPort(0)));
            Assert.Equal(AddressVerdict.PortZero, policy.Check(At("2a00::1").WithPort(0)));
            Assert.Equal(AddressVerdict.PortZero, policy.Check(At("127.0.0.1").WithPort(0)));
            Assert.Equal(Ok, policy.Check(At("8.8.8.8").WithPort(1)));
            Assert.Equal(Ok, policy.Check(At("8.8.8.8").WithPort(65535)));
        }
    }

    [Fact]
    public void Check_AllocatesNothing() =>
        AllocationGuard.AssertNone((At("8.8.8.8"), At("2002:a00:1::")), static e =>
        {
            _ = AddressPolicy.Public.Check(e.Item1);
            _ = AddressPolicy.AllowLocal.Check(e.Item2);
        });

    private static Endpoint At(string address) =>
        Endpoint.Parse(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]:6881" : $"{address}:6881");

    private static Endpoint Step(in Endpoint endpoint, int by)
    {
        if (endpoint.IsIPv4)
        {
            return Endpoint.FromIPv4((uint)(endpoint.IPv4Bits + by), endpoint.Port);
        }

        return FromIPv6(new UInt128(endpoint.UpperBits, endpoint.LowerBits) + (UInt128)(Int128)by, endpoint.Port);
    }

    private static Endpoint FromIPv6(UInt128 address, ushort port) =>
        Endpoint.FromIPv6((ulong)(address >> 64), (ulong)address, port);
}
