using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>One query of a user's method from another thread: the call in the mailbox, the listener, and the source of the task.</summary>
internal sealed class QueryCall<TArguments, TResults> : ILoopCall, IQueryListener
    where TArguments : IKrpcBody<TArguments>
    where TResults : IKrpcBody<TResults>
{
    private readonly CustomMethod<TArguments, TResults> _method;
    private readonly Endpoint _destination;
    private readonly TArguments _arguments;
    private readonly TaskCompletionSource<QueryResult<TResults>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILoopEntrance _loop;

    public QueryCall(
        ILoopEntrance loop, CustomMethod<TArguments, TResults> method, in Endpoint destination, TArguments arguments)
    {
        _loop = loop;
        _method = method;
        _destination = destination;
        _arguments = arguments;
    }

    public Task<QueryResult<TResults>> Done => _done.Task;

    public void Run(MainlineNode node, Instant now)
    {
        if (_done.Task.IsCompleted)
        {
            return;
        }

        try
        {
            AskResult asked = node.Ask(_destination, _method, _arguments, now, this);
            if (asked != AskResult.Sent)
            {
                End(PingCall.StatusOf(asked));
            }
        }
        catch (Exception fault)
        {
            // The arguments do not fit a datagram, or their type broke a rule: the caller's matter.
            _done.TrySetException(fault);
        }
    }

    public void Abandon() => End(QueryStatus.Stopped);

    public void End(QueryStatus status) => _done.TrySetResult(new QueryResult<TResults> { Status = status });

    public void Cancel(CancellationToken cancellation) => _done.TrySetCanceled(cancellation);

    void IQueryListener.OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie)
    {
        try
        {
            bool isSound = _method.TryReadResults(response, out TResults results);
            _done.TrySetResult(new QueryResult<TResults>
            {
                Status = isSound ? QueryStatus.Answered : QueryStatus.Malformed,
                Results = isSound ? results : default,
                Id = response.SenderId,
                RoundTrip = roundTrip,
            });
        }
        catch (Exception fault)
        {
            _done.TrySetException(fault);
            throw;
        }
    }

    void IQueryListener.OnError(in KrpcMessage error, in Endpoint source, long cookie) => _done.TrySetResult(new QueryResult<TResults>
    {
        Status = QueryStatus.Error,
        ErrorCode = error.ErrorCode,
        ErrorText = Encoding.UTF8.GetString(error.ErrorText),
    });

    void IQueryListener.OnTimeout(in Endpoint destination, long cookie) =>
        End(_loop.IsStopping ? QueryStatus.Stopped : QueryStatus.TimedOut);
}
