using System.Numerics;
using Dht.Engine.Identity;

namespace Dht.Engine.Tests.Identity;

/// <summary>XOR distance, its order and the common prefix, against the slow and obvious way.</summary>
public class NodeIdDistanceTests
{
    public static TheoryData<int> Seeds => [1, 2, 3, 42, 20260, 987654321];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Distances_AgreeWithTheModel(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 2_000; round++)
        {
            byte[] target = new byte[20];
            random.NextBytes(target);

            // Random ids alone would never differ first behind bit 64: choose where they part.
            byte[] left = ReferenceId.Sharing(target, random.Next(161), random);
            byte[] right = random.Next(3) == 0
                ? ReferenceId.Sharing(left, random.Next(161), random)
                : ReferenceId.Sharing(target, random.Next(161), random);
            Check($"seed {seed}, round {round}", target, left, right);
        }
    }

    [Fact]
    public void EveryPairOfPrefixes_AgreesWithTheModel()
    {
        var random = new Random(7);
        byte[] target = new byte[20];
        random.NextBytes(target);
        for (int first = 0; first <= 160; first += 3)
        {
            for (int second = 0; second <= 160; second += 3)
            {
                Check(
                    $"prefixes {first} and {second}",
                    target,
                    ReferenceId.Sharing(target, first, random),
                    ReferenceId.Sharing(target, second, random));
            }
        }
    }

    [Fact]
    public void BitLength_CoversZeroTo160()
    {
        NodeId zero = default;
        Assert.Equal(0, zero.DistanceTo(zero).BitLength);
        Assert.Equal(160, zero.CommonPrefixLength(zero));
        for (int bits = 1; bits <= 160; bits++)
        {
            byte[] bytes = (BigInteger.One << (bits - 1)).ToByteArray(isUnsigned: true, isBigEndian: true);
            byte[] wire = new byte[20];
            bytes.CopyTo(wire, 20 - bytes.Length);
            NodeId id = new(wire);
            Assert.Equal(bits, zero.DistanceTo(id).BitLength);
            Assert.Equal(160 - bits, zero.CommonPrefixLength(id));
        }
    }

    [Fact]
    public void Distance_OrdersMostSignificantPartFirst()
    {
        Distance[] ascending =
        [
            default, new(0, 0, 1), new(0, 0, uint.MaxValue), new(0, 1, 0), new(0, ulong.MaxValue, 5), new(1, 0, 0),
            new(1, 0, 1), new(ulong.MaxValue, ulong.MaxValue, uint.MaxValue),
        ];
        for (int i = 0; i < ascending.Length; i++)
        {
            for (int j = 0; j < ascending.Length; j++)
            {
                Assert.Equal(Math.Sign(i.CompareTo(j)), Math.Sign(ascending[i].CompareTo(ascending[j])));
                Assert.Equal(i < j, ascending[i] < ascending[j]);
                Assert.Equal(i > j, ascending[i] > ascending[j]);
                Assert.Equal(i <= j, ascending[i] <= ascending[j]);
                Assert.Equal(i >= j, ascending[i] >= ascending[j]);
                Assert.Equal(i == j, ascending[i] == ascending[j]);
            }
        }
    }

    private static void Check(string what, byte[] target, byte[] left, byte[] right)
    {
        NodeId t = new(target);
        NodeId l = new(left);
        NodeId r = new(right);
        BigInteger toLeft = ReferenceId.Distance(target, left);
        BigInteger toRight = ReferenceId.Distance(target, right);
        Assert.True(Math.Sign(NodeId.CompareDistance(t, l, r)) == Math.Sign(toLeft.CompareTo(toRight)), what);
        Assert.True(Math.Sign(NodeId.CompareDistance(t, r, l)) == Math.Sign(toRight.CompareTo(toLeft)), what);
        Assert.True(t.CommonPrefixLength(l) == ReferenceId.CommonPrefixLength(target, left), what);
        Assert.True(l.CommonPrefixLength(t) == ReferenceId.CommonPrefixLength(target, left), what);
        Distance distance = t.DistanceTo(l);
        Assert.True(distance == l.DistanceTo(t), what);
        Assert.True(((((BigInteger)distance.High << 64) | distance.Middle) << 32 | distance.Low) == toLeft, what);
        Assert.True(distance.BitLength == ReferenceId.BitLength(toLeft), what);
        Assert.True(Math.Sign(distance.CompareTo(t.DistanceTo(r))) == Math.Sign(toLeft.CompareTo(toRight)), what);
        Assert.True(distance < t.DistanceTo(r) == toLeft < toRight, what);
    }
}
