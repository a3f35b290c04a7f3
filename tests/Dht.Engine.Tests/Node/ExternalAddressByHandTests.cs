using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Engine;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

/// <summary>
/// External address by hand: the id is derived again, so that it fits, and others see it from then on.
/// </summary>
public sealed class ExternalAddressByHandTests
{
    [Fact]
    public async Task SettingTheAddress_DerivesTheId()
    {
        var ours = Endpoint.Parse("93.184.216.34:6881");
        var told = new Changes();
        await using DhtEngine engine = IdleEngine.Start(Loopback.Options());
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        engine.Observers.Add(told);
        Assert.Equal(QueryStatus.Answered, (await engine.PingAsync(other.LocalEndpoint)).Status);
        NodeId old = engine.Id;
        await engine.SetExternalAddressAsync(ours);
        NodeId derived = engine.Id;
        Assert.NotEqual(old, derived);
        Assert.True(SecureNodeId.IsValid(derived, ours));
        Assert.Equal(1, await engine.InvokeAsync(static (node, _) => node.ContactCount));
        using Socket socket = Loopback.Connect(engine);
        KrpcMessage.Parse(Loopback.Ask(socket, NodeHarness.Ping), out KrpcMessage pong);
        Assert.Equal(derived, pong.SenderId);

        // The same again changes nothing; another address does.
        await engine.SetExternalAddressAsync(ours.WithPort(1));
        Assert.Equal((derived, 1), (engine.Id, await engine.InvokeAsync((_, _) => told.Count)));
        var moved = Endpoint.Parse("8.8.4.4:6881");
        await engine.SetExternalAddressAsync(moved);
        Assert.True(SecureNodeId.IsValid(engine.Id, moved));
        Assert.Equal(2, await engine.InvokeAsync((_, _) => told.Count));
        await Assert.ThrowsAsync<ArgumentException>(() => engine.SetExternalAddressAsync(default));
        await Assert.ThrowsAsync<ArgumentException>(() => engine.SetExternalAddressAsync(Endpoint.Parse("0.0.0.0:1")));
    }

    [Fact]
    public void TheFamilies_HaveTheirOwn()
    {
        var node = new NodeHarness();
        NodeId four = node.Node.IdOf(IpFamily.IPv4);
        var ours = Endpoint.Parse("[2a02:8108:1::7]:6881");
        node.Node.SetExternalAddress(ours);
        Assert.Equal(four, node.Node.IdOf(IpFamily.IPv4));
        Assert.True(SecureNodeId.IsValid(node.Node.IdOf(IpFamily.IPv6), ours));
    }

    private sealed class Changes : INodeObserver
    {
        public int Count { get; private set; }

        public void OnExternalAddressChanged(in Endpoint previous, in Endpoint current) => Count++;
    }
}
