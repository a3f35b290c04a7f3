using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Testing;

namespace Dht.Engine.Tests.Testing;

/// <summary>Counts what becomes of pings.</summary>
internal sealed class PingProbe : IQueryListener
{
    public List<TimeSpan> RoundTrips { get; } = [];

    public List<long> Order { get; } = [];

    public int Timeouts { get; private set; }

    public bool Ping(SimulatedNode from, SimulatedNode to, long cookie = 0) =>
        from.Node.Ping(to.Endpoint, from.Network.Now, this, cookie) == AskResult.Sent;

    public void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie)
    {
        RoundTrips.Add(roundTrip);
        Order.Add(cookie);
    }

    public void OnError(in KrpcMessage error, in Endpoint source, long cookie) =>
        throw new InvalidOperationException("A ping was refused.");

    public void OnTimeout(in Endpoint destination, long cookie) => Timeouts++;
}
