using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Engine.Bench;

/// <summary>Counts how queries end.</summary>
internal sealed class CountingListener : IQueryListener
{
    public long Responses { get; private set; }

    public void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie) =>
        Responses += response.Nodes.Count > 0 ? 1 : 0;

    public void OnError(in KrpcMessage error, in Endpoint source, long cookie)
    {
    }

    public void OnTimeout(in Endpoint destination, long cookie)
    {
    }
}
