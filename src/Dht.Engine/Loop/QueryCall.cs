using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>One query of a user's method from another thread.</summary>
internal sealed class QueryCall<TArguments, TResults>
    : PooledCall<QueryCall<TArguments, TResults>, QueryResult<TResults>>
    where TArguments : IKrpcBody<TArguments>
    where TResults : IKrpcBody<TResults>
{
    private CustomMethod<TArguments, TResults>? _method;
    private TArguments? _arguments;
    private Endpoint _destination;

    public static QueryCall<TArguments, TResults> Rent(
        CustomMethod<TArguments, TResults> method, in Endpoint destination, TArguments arguments)
    {
        QueryCall<TArguments, TResults> call = Rent();
        call._method = method;
        call._destination = destination;
        call._arguments = arguments;
        return call;
    }

    public override void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie)
    {
        // The use may be over, or end in this moment: then the method is gone or another, and the cookie ends nothing.
        if (_method is not { } method)
        {
            return;
        }

        try
        {
            bool isSound = method.TryReadResults(response, out TResults results);
            End(cookie, new QueryResult<TResults>
            {
                Status = isSound ? QueryStatus.Answered : QueryStatus.Malformed,
                Results = isSound ? results : default,
                Id = response.SenderId,
                RoundTrip = roundTrip,
            });
        }
        catch (Exception fault)
        {
            Fail(cookie, fault);
            throw;
        }
    }

    public override void OnError(in KrpcMessage error, in Endpoint source, long cookie) => End(
        cookie,
        new QueryResult<TResults>
        {
            Status = QueryStatus.Error,
            ErrorCode = error.ErrorCode,
            ErrorText = Encoding.UTF8.GetString(error.ErrorText),
        });

    protected override AskResult Ask(MainlineNode node, Instant now, long use)
    {
        try
        {
            return node.Ask(_destination, _method!, _arguments!, now, this, use);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            // The arguments do not fit a datagram, or their type broke a rule: the caller's matter alone.
            Fail(use, fault);
            return AskResult.Sent;
        }
    }

    protected override QueryResult<TResults> CreateResult(QueryStatus status) => new() { Status = status };

    protected override void Clear()
    {
        _method = null;
        _arguments = default;
        _destination = default;
    }
}
