using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;
using Nothing = System.ValueTuple;

namespace Dht.Engine.Node;

/// <summary>Notifies those who wait for the end of a query, inside the guard.</summary>
internal sealed class GuardedListeners(NodeFaults faults)
{
    private static readonly UserCall<IQueryListener, KrpcMessage, Detail> Responded =
        static (listener, in message, in detail) =>
            listener.OnResponse(message, detail.From, detail.RoundTrip, detail.Cookie);

    private static readonly UserCall<IQueryListener, KrpcMessage, Detail> Refused =
        static (listener, in message, in detail) => listener.OnError(message, detail.From, detail.Cookie);

    private static readonly UserCall<IQueryListener, Nothing, Detail> TimedOut =
        static (listener, in _, in detail) => listener.OnTimeout(detail.From, detail.Cookie);

    private static readonly UserCall<IQueryListener, Nothing, Detail> Stopped =
        static (listener, in _, in detail) => listener.OnStopped(detail.From, detail.Cookie);

    private static readonly UserCall<IQueryListener, Nothing, Detail> Kept =
        static (listener, in _, in detail) => listener.OnNotSent(detail.From, detail.Cookie);

    private static readonly UserCall<IQueryListener, Nothing, Detail> Delayed =
        static (listener, in _, in detail) => listener.OnLate(detail.From, detail.Cookie);

    public void Response(in NodeQuery query, in KrpcMessage response, in Endpoint source, TimeSpan roundTrip) =>
        Notify(query, response, new Detail(source, roundTrip, query.Cookie), Responded);

    public void Error(in NodeQuery query, in KrpcMessage error, in Endpoint source) =>
        Notify(query, error, new Detail(source, default, query.Cookie), Refused);

    public void Timeout(in EndedQuery<NodeQuery> ended) =>
        Notify(ended.Query, default(Nothing), new Detail(ended.Destination, default, ended.Query.Cookie), TimedOut);

    public void Stop(in EndedQuery<NodeQuery> ended) =>
        Notify(ended.Query, default(Nothing), new Detail(ended.Destination, default, ended.Query.Cookie), Stopped);

    public void NotSent(in EndedQuery<NodeQuery> ended) =>
        Notify(ended.Query, default(Nothing), new Detail(ended.Destination, default, ended.Query.Cookie), Kept);

    public void Late(in NodeQuery query, in Endpoint destination) =>
        Notify(query, default(Nothing), new Detail(destination, default, query.Cookie), Delayed);

    private void Notify<T>(in NodeQuery query, in T what, in Detail detail, UserCall<IQueryListener, T, Detail> call)
        where T : allows ref struct
    {
        if (query.Listener != null)
        {
            faults.Guard(query.Listener, what, detail, call);
        }
    }

    private readonly record struct Detail(Endpoint From, TimeSpan RoundTrip, long Cookie);
}
