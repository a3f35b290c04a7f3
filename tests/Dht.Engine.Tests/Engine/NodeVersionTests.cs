using System.Text;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Engine;

public sealed class NodeVersionTests
{
    [Theory]
    [InlineData("", 0, "")]
    [InlineData("LT\u0001\u0002", 4, "4C540102")]
    [InlineData("MO3002", 6, "4D4F33303032")]
    [InlineData("\0", 1, "00")]
    [InlineData("abcdefghijklmnopq", 16, "6162636465666768696A6B6C6D6E6F70")]
    public void KeepsTheBytes(string text, int length, string hex)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        var version = new NodeVersion(bytes);
        byte[] copy = new byte[NodeVersion.SizeMax];
        Assert.Equal(length, version.CopyTo(copy));
        Assert.Equal(bytes[..length], copy[..length]);
        Assert.Equal((length, length == 0, hex), (version.Length, version.IsEmpty, version.ToString()));
    }

    [Fact]
    public void IsAValue_AndItsLengthCounts()
    {
        Assert.Equal(new NodeVersion("A\0"u8), new NodeVersion("A\0"u8));
        Assert.NotEqual(new NodeVersion("A"u8), new NodeVersion("A\0"u8));
        Assert.Equal(default, new NodeVersion([]));
        Assert.Throws<ArgumentException>(static () => new NodeVersion("AB"u8).CopyTo(new byte[1]));
        AllocationGuard.AssertNone(new byte[20], static b => new NodeVersion(b).CopyTo(b));
    }

    [Theory]
    [InlineData("")]
    [InlineData("MO3002")]
    [InlineData("a client of some")]
    public async Task APing_BringsIt_OfAnyLength(string version)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(version);
        await using DhtEngine other = Loopback.Start(
            Loopback.Options() with { Node = new NodeOptions { Version = bytes } });
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        PingResult result = await engine.PingAsync(other.LocalEndpoint).AsTask().WaitAsync(Loopback.Patience);

        Assert.Equal((QueryStatus.Answered, new NodeVersion(bytes)), (result.Status, result.Version));
        Assert.Equal((0, ""), (result.ErrorCode, result.ErrorText));
    }

    [Fact]
    public async Task APing_BringsTheError()
    {
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        other.Handlers.Add(static (ref QueryContext query) => query.Refuse(202, "full"u8));
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        PingResult result = await engine.PingAsync(other.LocalEndpoint).AsTask().WaitAsync(Loopback.Patience);

        Assert.Equal((QueryStatus.Error, 202, "full"), (result.Status, result.ErrorCode, result.ErrorText));
    }
}
