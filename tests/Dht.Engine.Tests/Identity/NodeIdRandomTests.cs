using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Identity;

public class NodeIdRandomTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(77)]
    public void RandomAtDistance_IsAtEveryDistance(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        for (int round = 0; round < 20; round++)
        {
            NodeId id = NodeId.Random(random);
            for (int bits = 1; bits <= 160; bits++)
            {
                NodeId made = id.RandomAtDistance(bits, random);
                Assert.True(id.DistanceTo(made).BitLength == bits, $"seed {seed}, round {round}, distance {bits}");
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(161)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void RandomAtDistance_RefusesOtherDistances(int bits) => Assert.Throws<ArgumentOutOfRangeException>(
        () => default(NodeId).RandomAtDistance(bits, new SeededRandomSource(1)));

    [Fact]
    public void RandomWithCommonPrefix_SharesExactlyThatMany()
    {
        var random = new SeededRandomSource(5);
        NodeId id = NodeId.Random(random);
        for (int prefix = 0; prefix <= 160; prefix++)
        {
            Assert.Equal(prefix, id.CommonPrefixLength(id.RandomWithCommonPrefix(prefix, random)));
        }

        Assert.Equal(id, id.RandomWithCommonPrefix(160, random));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(161)]
    public void RandomWithCommonPrefix_RefusesOthers(int prefix) => Assert.Throws<ArgumentOutOfRangeException>(
        () => default(NodeId).RandomWithCommonPrefix(prefix, new SeededRandomSource(1)));

    [Fact]
    public void Random_VariesEveryBit()
    {
        var random = new SeededRandomSource(9);
        byte[] ones = new byte[20];
        byte[] zeros = new byte[20];
        byte[] bytes = new byte[20];
        for (int i = 0; i < 64; i++)
        {
            NodeId.Random(random).CopyTo(bytes);
            for (int j = 0; j < 20; j++)
            {
                ones[j] |= bytes[j];
                zeros[j] |= (byte)~bytes[j];
            }
        }

        Assert.All(ones, b => Assert.Equal(0xFF, b));
        Assert.All(zeros, b => Assert.Equal(0xFF, b));
    }

    [Fact]
    public void TailBits_AreRandomBehindThePrefix()
    {
        var random = new SeededRandomSource(11);
        NodeId id = NodeId.Random(random);
        var seen = new HashSet<NodeId>();
        for (int i = 0; i < 100; i++)
        {
            seen.Add(id.RandomWithCommonPrefix(100, random));
        }

        Assert.Equal(100, seen.Count);
    }

    [Fact]
    public void ANullSource_IsMisuse()
    {
        Assert.Throws<ArgumentNullException>(() => NodeId.Random(null!));
        Assert.Throws<ArgumentNullException>(() => default(NodeId).RandomWithCommonPrefix(3, null!));
        Assert.Throws<ArgumentNullException>(() => default(NodeId).RandomAtDistance(3, null!));
    }

    [Fact]
    public void MakingIds_AllocatesNothing() => AllocationGuard.AssertNone(new SeededRandomSource(1), static random =>
    {
        NodeId id = NodeId.Random(random);
        id = id.RandomWithCommonPrefix(17, random);
        id = id.RandomAtDistance(160, random);
        InfoHash.Random(random);
    });

    [Fact]
    public void AFlippedBit_IsTheOnlyDifference()
    {
        var random = new SeededRandomSource(77);
        for (int bit = 0; bit < NodeId.Bits; bit++)
        {
            NodeId id = NodeId.Random(random);
            NodeId flipped = id.WithFlippedBit(bit);
            Assert.Equal(bit, id.CommonPrefixLength(flipped));
            Assert.Equal(id, flipped.WithFlippedBit(bit));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => NodeId.Random(random).WithFlippedBit(NodeId.Bits));
    }
}
