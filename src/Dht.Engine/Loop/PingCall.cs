using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>One ping from another thread. Allocates nothing once the pool is warm.</summary>
internal sealed class PingCall : PooledCall<PingCall, PingResult>
{
    private Endpoint _destination;

    public static PingCall Rent(in Endpoint destination)
    {
        PingCall call = Rent();
        call._destination = destination;
        return call;
    }

    public override void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie)
    {
        var version = new NodeVersion(response.Version);
        End(cookie, new PingResult(QueryStatus.Answered, response.SenderId, roundTrip, version));
    }

    public override void OnError(in KrpcMessage error, in Endpoint source, long cookie) =>
        End(cookie, new PingResult
        {
            Status = QueryStatus.Error,
            ErrorCode = error.ErrorCode,
            ErrorText = Encoding.UTF8.GetString(error.ErrorText),
        });

    protected override AskResult Ask(MainlineNode node, Instant now, long use) =>
        node.Ping(_destination, now, this, use);

    protected override PingResult CreateResult(QueryStatus status) => new() { Status = status };

    protected override void Clear() => _destination = default;
}
