using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// Start and stop: bind port 0 and read the real port, stop and bind again; a bind that failed can be retried;
/// disposing frees the port; joining works after the bind.
/// </summary>
public sealed class StartAndStopTests
{
    [Fact]
    public async Task PortZeroIsBoundReadFreedAndBoundAgain()
    {
        DhtEngine engine = Loopback.Start(Loopback.Options() with { Bind = TestEndpoints.Place(1) });
        Endpoint first = engine.LocalEndpoint;
        Assert.NotEqual(0, first.Port);
        Assert.True(first.HasSameAddress(TestEndpoints.Place(1)));
        await engine.StopAsync();
        Assert.False(engine.IsRunning);
        using (Socket other = BindPlainly(first))
        {
            Assert.Equal(first.Port, ((IPEndPoint)other.LocalEndPoint!).Port);
        }

        engine.Start();
        Assert.True(engine.IsRunning);
        Assert.NotEqual(0, engine.LocalEndpoint.Port);
        Endpoint second = engine.LocalEndpoint;
        await engine.DisposeAsync();
        BindPlainly(second).Dispose();
    }

    [Fact]
    public async Task AFailedBindCanBeRetried()
    {
        Socket holder = BindPlainly(TestEndpoints.Place(2));
        Endpoint place = TestEndpoints.Place(2).WithPort((ushort)((IPEndPoint)holder.LocalEndPoint!).Port);
        await using var engine = new DhtEngine(Loopback.Options() with { Bind = place });
        for (int attempt = 0; attempt < 3; attempt++)
        {
            SocketException failure = Assert.Throws<SocketException>(engine.Start);
            Assert.Equal(SocketError.AddressAlreadyInUse, failure.SocketErrorCode);
            Assert.False(engine.IsRunning);
        }

        holder.Dispose();
        engine.Start();
        Assert.Equal(place, engine.LocalEndpoint);
    }

    [Fact]
    public void AStartThatFailsBehindTheBind_LeavesThePortFree()
    {
        Socket holder = BindPlainly(TestEndpoints.Place(3));
        Endpoint place = TestEndpoints.Place(3).WithPort((ushort)((IPEndPoint)holder.LocalEndPoint!).Port);
        holder.Dispose();
        var engine = new DhtEngine(Loopback.Options() with { Bind = place, Random = new BrokenRandomSource() });
        Assert.Throws<NotSupportedException>(engine.Start);
        BindPlainly(place).Dispose();
        Assert.Throws<NotSupportedException>(engine.Start);
    }

    [Fact]
    public async Task JoinWorksAfterTheBind_AndAfterAStopAndAnotherStart()
    {
        await using DhtEngine known = Loopback.Start(Loopback.Options());
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with { Bootstrap = [known.LocalEndpoint] });
        Assert.True((await engine.JoinAsync().WaitAsync(Loopback.Patience)).HasJoined);
        await engine.StopAsync();
        engine.Start();
        Assert.True((await engine.JoinAsync().WaitAsync(Loopback.Patience)).HasJoined);
        Assert.Equal(1, engine.Counters.Contacts);
    }

    private static Socket BindPlainly(Endpoint place)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(place.ToAddress(), place.Port));
        return socket;
    }

    /// <summary>The node draws its id when it is made, which is after the socket is bound.</summary>
    private sealed class BrokenRandomSource : IRandomSource
    {
        public void Fill(Span<byte> destination) => throw new NotSupportedException();
    }
}
