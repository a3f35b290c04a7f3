using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Identity;

public sealed class SecureNodeIdTests
{
    /// <summary>The vectors of BEP 42, and one of IPv6.</summary>
    public static TheoryData<string, string> Vectors => new()
    {
        { "124.31.75.21:6881", "5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401" },
        { "21.75.31.124:6881", "5a3ce9c14e7a08645677bbd1cfe7d8f956d53256" },
        { "65.23.51.170:6881", "a5d43220bc8f112a3d426c84764f8c2a1150e616" },
        { "84.124.73.14:6881", "1b0321dd1bb1fe518101ceef99462b947a01ff41" },
        { "43.213.53.83:6881", "e56f6cbf5b7c4be0237986d5243b87aa6d51305a" },
        { "[2001:b829:2123:be84:e16c:d6ae:5290:49f1]:6881", "0a8ad123be84e16cd6ae529049f1f1bbe9ebb304" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void TheVectors_AreValid(string endpoint, string id) =>
        Assert.True(SecureNodeId.IsValid(NodeId.Parse(id), Endpoint.Parse(endpoint)));

    /// <summary>Whoever draws the bytes of a vector gets its id, whatever was drawn for the first 21 bits.</summary>
    [Theory]
    [MemberData(nameof(Vectors))]
    public void TheVectors_AreDerived(string endpoint, string id)
    {
        byte[] draw = Convert.FromHexString(id);
        draw[0] ^= 0xFF;
        draw[1] ^= 0xFF;
        draw[2] ^= 0xF8;
        Assert.Equal(NodeId.Parse(id), SecureNodeId.Derive(Endpoint.Parse(endpoint), new FixedRandomSource(draw)));
    }

    /// <summary>Of the id only the first 21 bits and, as r, the last three matter.</summary>
    [Theory]
    [MemberData(nameof(Vectors))]
    public void AFlippedBit_MattersInTheFirst21AndTheLast3(string endpoint, string id)
    {
        for (int bit = 0; bit < NodeId.Bits; bit++)
        {
            byte[] bytes = Convert.FromHexString(id);
            bytes[bit >> 3] ^= (byte)(0x80 >> (bit & 7));
            bool valid = SecureNodeId.IsValid(new NodeId(bytes), Endpoint.Parse(endpoint));
            Assert.True(valid == bit is >= 21 and < 157, $"bit {bit}");
        }
    }

    /// <summary>Of the address the bits of the mask matter, the port does not.</summary>
    [Theory]
    [MemberData(nameof(Vectors))]
    public void AFlippedBitOfTheAddress_MattersUnderTheMask(string text, string id)
    {
        var endpoint = Endpoint.Parse(text);
        var node = NodeId.Parse(id);
        Assert.True(SecureNodeId.IsValid(node, endpoint.WithPort(0)));
        for (int bit = 0; bit < 64; bit++)
        {
            bool matters = ((endpoint.IsIPv4 ? 0x030F3FFFul : 0x0103070F1F3F7FFF) >> bit & 1) != 0;
            Endpoint other = endpoint.IsIPv4
                ? Endpoint.FromIPv4(endpoint.IPv4Bits ^ (uint)(1ul << bit), endpoint.Port)
                : Endpoint.FromIPv6(endpoint.UpperBits ^ (1ul << bit), endpoint.LowerBits, endpoint.Port);
            Assert.True(
                SecureNodeId.IsValid(node, other) != matters || SecureNodeId.IsExempt(other),
                $"bit {bit} from the right");
        }

        Endpoint sibling = Endpoint.FromIPv6(endpoint.UpperBits, ~endpoint.LowerBits, endpoint.Port);
        Assert.Equal(endpoint.IsIPv6, SecureNodeId.IsValid(node, sibling));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void DerivedIds_AllFitAndUseAllEightPrefixes(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        var four = Endpoint.Parse("93.184.216.34:6881");
        var six = Endpoint.Parse("[2a02:8108:1::7]:6881");
        var prefixes = new HashSet<(IpFamily, ulong)>();
        for (int i = 0; i < 1_000; i++)
        {
            AssertFits(Endpoint.FromIPv4(random.NextUInt32(), 1), random, seed);
            AssertFits(Endpoint.FromIPv6(random.NextUInt64(), random.NextUInt64(), 1), random, seed);
            prefixes.Add((IpFamily.IPv4, SecureNodeId.Derive(four, random).Prefix64 >> 43));
            prefixes.Add((IpFamily.IPv6, SecureNodeId.Derive(six, random).Prefix64 >> 43));
        }

        Assert.Equal(16, prefixes.Count);
    }

    /// <summary>All that is free is drawn: over many ids each bit from the 22nd on is now 0, now 1.</summary>
    [Fact]
    public void FreeBits_Vary()
    {
        var random = new SeededRandomSource(3);
        bool[] ones = new bool[NodeId.Bits];
        bool[] zeros = new bool[NodeId.Bits];
        for (int i = 0; i < 200; i++)
        {
            NodeId id = SecureNodeId.Derive(Endpoint.Parse("93.184.216.34:6881"), random);
            for (int bit = 21; bit < NodeId.Bits; bit++)
            {
                ones[bit] |= id.GetBit(bit);
                zeros[bit] |= !id.GetBit(bit);
            }
        }

        Assert.DoesNotContain(false, ones[21..]);
        Assert.DoesNotContain(false, zeros[21..]);
    }

    [Fact]
    public void RandomIds_HardlyEverFit()
    {
        var random = new SeededRandomSource(4);
        int fitting = 0;
        for (int i = 0; i < 100_000; i++)
        {
            fitting += SecureNodeId.IsValid(NodeId.Random(random), Endpoint.FromIPv4(0x08000000 + (uint)i, 1)) ? 1 : 0;
        }

        Assert.InRange(fitting, 0, 2);
    }

    [Fact]
    public void AMappedAddress_IsTheIPv4AddressWithin()
    {
        var mapped = Endpoint.Parse("[::ffff:124.31.75.21]:6881");
        Assert.True(SecureNodeId.IsValid(NodeId.Parse("5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401"), mapped));
        Assert.False(SecureNodeId.IsValid(NodeId.Parse("5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee402"), mapped));
        Assert.True(SecureNodeId.IsValid(SecureNodeId.Derive(mapped, new SeededRandomSource(5)), mapped.Unmap()));
        Assert.True(SecureNodeId.IsExempt(Endpoint.Parse("[::ffff:10.1.2.3]:1")));
        Assert.False(SecureNodeId.IsExempt(Endpoint.Parse("[::ffff:9.1.2.3]:1")));
    }

    /// <summary>First and last address of each block, and their neighbours outside.</summary>
    [Theory]
    [InlineData("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0")]
    [InlineData("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0")]
    [InlineData("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0")]
    [InlineData("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0")]
    [InlineData("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0")]
    [InlineData("[::1]", "[::1]", "[::]", "[::2]")]
    [InlineData(
        "[fe80::]",
        "[febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff]",
        "[fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff]",
        "[fec0::]")]
    [InlineData(
        "[fc00::]",
        "[fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]",
        "[fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]",
        "[fe00::]")]
    public void LocalBlocks_AreExempt(string first, string last, string before, string behind)
    {
        foreach (string text in (string[])[first, last])
        {
            var endpoint = Endpoint.Parse(text + ":6881");
            Assert.True(SecureNodeId.IsExempt(endpoint), text);
            Assert.True(SecureNodeId.IsValid(Unfit(endpoint), endpoint), text);
        }

        foreach (string text in (string[])[before, behind])
        {
            var endpoint = Endpoint.Parse(text + ":6881");
            Assert.False(SecureNodeId.IsExempt(endpoint), text);
            Assert.False(SecureNodeId.IsValid(Unfit(endpoint), endpoint), text);
        }
    }

    /// <summary>The IPv4 blocks are no blocks of IPv6, whose lower half is the host's own choice.</summary>
    [Theory]
    [InlineData("[2001:4860::10.0.0.1]:1")]
    [InlineData("[2001:4860::1]:1")]
    [InlineData("[::10.0.0.1]:1")]
    public void LowerHalves_ExemptNobody(string endpoint) =>
        Assert.False(SecureNodeId.IsExempt(Endpoint.Parse(endpoint)));

    [Fact]
    public void NoAddress_IsRefused()
    {
        Assert.False(SecureNodeId.IsValid(default, default));
        Assert.False(SecureNodeId.IsExempt(default));
        Assert.Throws<ArgumentException>(() => SecureNodeId.Derive(default, new SeededRandomSource(1)));
        Assert.Throws<ArgumentNullException>(() => SecureNodeId.Derive(Endpoint.FromIPv4(1, 1), null!));
    }

    [Fact]
    public void CheckingAndDeriving_AllocateNothing() =>
        AllocationGuard.AssertNone(new SeededRandomSource(6), static random =>
    {
        for (uint i = 0; i < 100; i++)
        {
            Endpoint four = Endpoint.FromIPv4(0x08000000 + i, 1);
            Endpoint six = Endpoint.FromIPv6(0x2A00_0000_0000_0000ul + i, i, 1);
            _ = SecureNodeId.IsValid(SecureNodeId.Derive(four, random), six);
            _ = SecureNodeId.IsValid(SecureNodeId.Derive(six, random), four);
        }
    });

    private static void AssertFits(Endpoint endpoint, SeededRandomSource random, ulong seed)
    {
        NodeId id = SecureNodeId.Derive(endpoint, random);
        Assert.True(SecureNodeId.IsValid(id, endpoint), $"seed {seed}: {id} at {endpoint}");
    }

    private static NodeId Unfit(Endpoint endpoint)
    {
        byte[] bytes = new byte[NodeId.Size];
        SecureNodeId.Derive(endpoint, new SeededRandomSource(7)).CopyTo(bytes);
        bytes[2] ^= 0x08;
        return new NodeId(bytes);
    }
}
