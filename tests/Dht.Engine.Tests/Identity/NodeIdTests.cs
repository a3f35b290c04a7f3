using Dht.Engine.Identity;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Identity;

public class NodeIdTests
{
    private const string Hex = "0123456789abcdef0123456789abcdeffedcba98";

    [Fact]
    public void Bytes_RoundTrip()
    {
        byte[] bytes = [.. Enumerable.Range(1, 20).Select(i => (byte)(i * 11))];
        byte[] copy = new byte[22];
        new NodeId(bytes).CopyTo(copy);
        Assert.Equal([.. bytes, 0, 0], copy);
        Assert.True(NodeId.TryRead(bytes, out NodeId id));
        Assert.Equal(new NodeId(bytes), id);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(19)]
    [InlineData(21)]
    [InlineData(40)]
    public void WrongSize_IsRefused(int length)
    {
        Assert.Throws<ArgumentException>(() => new NodeId(new byte[length]));
        Assert.False(NodeId.TryRead(new byte[length], out NodeId id));
        Assert.Equal(default, id);
    }

    [Fact]
    public void CopyTo_RefusesAShortSpan() =>
        Assert.Throws<ArgumentException>(() => NodeId.Parse(Hex).CopyTo(new byte[19]));

    [Fact]
    public void Read_TakesAnyAlignment()
    {
        byte[] buffer = new byte[20 + 16];
        new Random(1).NextBytes(buffer);
        for (int start = 0; start < 16; start++)
        {
            ReadOnlySpan<byte> bytes = buffer.AsSpan(start, 20);
            Assert.Equal(Convert.ToHexStringLower(bytes), new NodeId(bytes).ToString());
        }
    }

    [Fact]
    public void Hex_RoundTrips()
    {
        Assert.Equal(Hex, NodeId.Parse(Hex).ToString());
        Assert.Equal(NodeId.Parse(Hex), NodeId.Parse(Hex.ToUpperInvariant()));
        Assert.Equal(new string('0', 40), default(NodeId).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcdeffedcba9")]
    [InlineData("0123456789abcdef0123456789abcdeffedcba980")]
    [InlineData("0123456789abcdef0123456789abcdeffedcba9g")]
    [InlineData(" 123456789abcdef0123456789abcdeffedcba98")]
    [InlineData("0x23456789abcdef0123456789abcdeffedcba98")]
    [InlineData("0123456789abcdef0123456789abcdeffedcba9٣")]
    public void WrongHex_IsRefused(string text)
    {
        Assert.False(NodeId.TryParse(text, out NodeId id));
        Assert.Equal(default, id);
        Assert.Throws<FormatException>(() => NodeId.Parse(text));
    }

    [Fact]
    public void Equality_LooksAtEveryBit()
    {
        byte[] bytes = Convert.FromHexString(Hex);
        NodeId id = new(bytes);
        NodeId same = new((byte[])bytes.Clone());
        Assert.True(id == same);
        Assert.False(id != same);
        Assert.True(id.Equals((object)same));
        Assert.False(id.Equals("id"));
        Assert.Equal(id.GetHashCode(), same.GetHashCode());
        for (int bit = 0; bit < 160; bit++)
        {
            byte[] other = (byte[])bytes.Clone();
            other[bit / 8] ^= (byte)(0x80 >> (bit % 8));
            NodeId changed = new(other);
            Assert.True(id != changed, $"bit {bit}");
            Assert.False(id == changed, $"bit {bit}");
            Assert.NotEqual(id.GetHashCode(), changed.GetHashCode());
        }
    }

    [Fact]
    public void GetBit_CountsFromTheMostSignificant()
    {
        byte[] bytes = Convert.FromHexString(Hex);
        NodeId id = new(bytes);
        for (int bit = 0; bit < 160; bit++)
        {
            Assert.Equal(ReferenceId.Bit(bytes, bit), id.GetBit(bit));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => id.GetBit(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => id.GetBit(160));
    }

    [Fact]
    public void Prefix64_IsBigEndian() => Assert.Equal(0x0123456789abcdefUL, NodeId.Parse(Hex).Prefix64);

    [Fact]
    public void HotMembers_AllocateNothing()
    {
        byte[] wire = new byte[3 * NodeId.Size];
        new Random(3).NextBytes(wire);
        AllocationGuard.AssertNone(wire, static bytes =>
        {
            NodeId.TryRead(bytes.AsSpan(0, 20), out NodeId target);
            NodeId left = new(bytes.AsSpan(20, 20));
            NodeId right = new(bytes.AsSpan(40, 20));
            int sum = NodeId.CompareDistance(target, left, right) + target.CommonPrefixLength(left);
            sum += target.DistanceTo(left).BitLength + target.DistanceTo(left).CompareTo(target.DistanceTo(right));
            sum += target.GetHashCode() + (target == left ? 1 : 0) + (target.Equals(right) ? 1 : 0);
            sum += left.GetBit(9) ? 1 : 0;
            sum += (int)left.Prefix64;
            _ = NodeId.TryParse("0123456789abcdef0123456789abcdeffedcba98", out NodeId parsed);
            parsed.CopyTo(bytes);
            GC.KeepAlive(bytes);
            Assert.True(sum != int.MinValue || bytes.Length > 0);
        });
    }
}
