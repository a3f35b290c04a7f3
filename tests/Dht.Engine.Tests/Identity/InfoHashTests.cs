using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Identity;

public class InfoHashTests
{
    private const string Hex = "ffeeddccbbaa99887766554433221100deadbeef";

    [Fact]
    public void BytesAndHex_RoundTrip()
    {
        byte[] bytes = Convert.FromHexString(Hex);
        var infoHash = new InfoHash(bytes);
        byte[] copy = new byte[20];
        infoHash.CopyTo(copy);
        Assert.Equal(bytes, copy);
        Assert.Equal(Hex, infoHash.ToString());
        Assert.Equal(infoHash, InfoHash.Parse(Hex));
        Assert.Equal(infoHash, InfoHash.Parse(Hex.ToUpperInvariant()));
        Assert.True(InfoHash.TryRead(bytes, out InfoHash read));
        Assert.Equal(infoHash, read);
        Assert.Equal(20, InfoHash.Size);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(19)]
    [InlineData(21)]
    [InlineData(32)]
    public void WrongSize_IsRefused(int length)
    {
        Assert.False(InfoHash.TryRead(new byte[length], out InfoHash infoHash));
        Assert.Equal(default, infoHash);
        Assert.Throws<ArgumentException>(() => new InfoHash(new byte[length]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ffeeddccbbaa99887766554433221100deadbee")]
    [InlineData("ffeeddccbbaa99887766554433221100deadbeefa")]
    [InlineData("ffeeddccbbaa99887766554433221100deadbeeg")]
    public void WrongHex_IsRefused(string text)
    {
        Assert.False(InfoHash.TryParse(text, out InfoHash infoHash));
        Assert.Equal(default, infoHash);
        Assert.Throws<FormatException>(() => InfoHash.Parse(text));
    }

    [Fact]
    public void CopyTo_RefusesAShortSpan() =>
        Assert.Throws<ArgumentException>(() => default(InfoHash).CopyTo(new byte[19]));

    [Fact]
    public void IsAPointOfTheIdSpace()
    {
        InfoHash infoHash = InfoHash.Parse(Hex);
        Assert.Equal(NodeId.Parse(Hex), infoHash.AsNodeId);
        Assert.Equal(0, infoHash.AsNodeId.DistanceTo(NodeId.Parse(Hex)).BitLength);
    }

    [Fact]
    public void Equality()
    {
        InfoHash left = InfoHash.Parse(Hex);
        InfoHash same = InfoHash.Parse(Hex);
        InfoHash other = InfoHash.Random(new SeededRandomSource(1));
        Assert.True(left == same);
        Assert.False(left != same);
        Assert.True(left != other);
        Assert.True(left.Equals((object)same));
        Assert.False(left.Equals((object)left.AsNodeId));
        Assert.Equal(left.GetHashCode(), same.GetHashCode());
    }

    [Fact]
    public void HotMembers_AllocateNothing()
    {
        byte[] bytes = Convert.FromHexString(Hex);
        AllocationGuard.AssertNone(bytes, static b =>
        {
            InfoHash.TryRead(b, out InfoHash infoHash);
            infoHash.CopyTo(b);
            _ = infoHash.GetHashCode();
            _ = infoHash == InfoHash.Parse(Hex);
            _ = infoHash.AsNodeId.Prefix64;
        });
    }
}
