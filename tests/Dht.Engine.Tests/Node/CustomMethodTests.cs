using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Krpc;

namespace Dht.Engine.Tests.Node;

public sealed class CustomMethodTests
{
    [Fact]
    public void Names_Have1To64BytesInUtf8_AndAreNotTheEnginesOwn()
    {
        Assert.Equal("hello", Make("hello").Name);
        Assert.Equal(64, Make(new string('x', 64)).Name.Length);
        Assert.Throws<ArgumentNullException>(() => Make(null!));
        Assert.Throws<ArgumentException>(() => Make(""));
        Assert.Contains(
            "65", Assert.Throws<ArgumentException>(() => Make(new string('x', 65))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Make(new string('\u00E9', 33)));
        Assert.All(
            ["ping", "find_node", "get_peers", "announce_peer", "sample_infohashes"],
            name => Assert.Contains(
                $"'{name}'", Assert.Throws<ArgumentException>(() => Make(name)).Message, StringComparison.Ordinal));
        Assert.Equal("Ping", Make("Ping").Name);
    }

    [Fact]
    public void Results_AreReadOutOfAResponse()
    {
        KrpcMessage.Parse(Wire.Response("1:xi1e"), out KrpcMessage response);
        Assert.True(Make("hello").TryReadResults(response, out KrpcDocument results));
        Assert.Equal(1, results.Value["x"].GetInteger());
        KrpcMessage.Parse(KrpcSamples.Get("error"), out KrpcMessage error);
        Assert.False(Make("hello").TryReadResults(error, out _));
    }

    private static CustomMethod<KrpcDocument, KrpcDocument> Make(string name) => new(name);
}
