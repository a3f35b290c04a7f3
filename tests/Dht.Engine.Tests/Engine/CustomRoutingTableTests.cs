using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// Custom routing table: the engine takes the user's own, which then sees who is to be inserted and what is asked
/// for, and whose contacts are what others get.
/// </summary>
public sealed class CustomRoutingTableTests
{
    [Theory]
    [InlineData(IpFamily.IPv4, "127.0.0.1:0")]
    [InlineData(IpFamily.IPv6, "[::1]:0")]
    public async Task TheUsersTable_SeesInsertAndClosest(IpFamily family, string bind)
    {
        DhtEngineOptions options = Loopback.Options() with { Bind = Endpoint.Parse(bind) };
        var own = new RecordingTable(family);
        await using var engine = new DhtEngine(own, options);
        await using DhtEngine other = Loopback.Start(options);
        engine.Start();
        Assert.Equal(engine.Id, own.Self);
        Assert.Equal(QueryStatus.Answered, (await engine.PingAsync(other.LocalEndpoint)).Status);
        var contact = new CompactNode(other.Id, other.LocalEndpoint);
        Assert.Equal([contact], await engine.InvokeAsync((_, _) => own.Inserted.ToArray()));

        int before = await engine.InvokeAsync((_, _) => own.ClosestCalls);
        using Socket socket = Loopback.Connect(engine);
        string reply = Text(Loopback.Ask(socket, Query("find_node", $"6:target20:{IdB}")));
        Assert.Contains(
            (family == IpFamily.IPv4 ? "5:nodes26:" : "6:nodes638:") + WireText.Of(contact),
            reply,
            StringComparison.Ordinal);
        Assert.InRange(await engine.InvokeAsync((_, _) => own.ClosestCalls), before + 1, int.MaxValue);
    }
}
