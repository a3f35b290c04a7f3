using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Invariants;
using Dht.Engine.Testing;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// A broken invariant is the engine's own fault: no guard around user code catches it, and the loop ends with it.
/// </summary>
public sealed class InvariantTests
{
    private static readonly InvariantException Broken = new("a link leads nowhere");

    [Fact]
    public async Task InACall_ItEndsTheLoop()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        Task completion = engine.Completion;
        await Assert.ThrowsAsync<InvariantException>(() => engine.InvokeAsync((_, _) => throw Broken));
        await Assert.ThrowsAsync<InvariantException>(() => completion.WaitAsync(Loopback.Patience));
        Assert.False(engine.IsRunning);
    }

    [Fact]
    public async Task InAReceiver_ItEndsTheLoop()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with { ForeignReceiver = new BrokenPart() });
        Task completion = engine.Completion;
        using Socket socket = Loopback.Connect(engine);
        socket.Send([0xFF]);
        await Assert.ThrowsAsync<InvariantException>(() => completion.WaitAsync(Loopback.Patience));
    }

    [Fact]
    public async Task InACrawl_ItEndsTheLoop()
    {
        using LoopbackSwarm swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 10 });
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        Task completion = engine.Completion;
        var request = new CrawlRequest { Start = [swarm.EndpointOf(0)], Observer = new BrokenPart() };
        await Assert.ThrowsAsync<InvariantException>(() => engine.CrawlAsync(request).WaitAsync(Loopback.Patience));
        await Assert.ThrowsAsync<InvariantException>(() => completion.WaitAsync(Loopback.Patience));
        Assert.Equal(0, engine.Counters.Faults);
    }

    private sealed class BrokenPart : IDatagramReceiver, ICrawlObserver
    {
        public void OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source, in Endpoint local) => throw Broken;

        public void OnNode(in CrawledNode node) => throw Broken;
    }
}
