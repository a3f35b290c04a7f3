using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Nothing = System.ValueTuple;

namespace Dht.Engine.Node;

/// <summary>Those who are notified of what happens in a node, in order of their priority. Thread-safe.</summary>
public sealed class NodeObservers
{
    // Created once, so that notifying allocates nothing, not even at the first time; what happened is handed on by
    // reference.
    private static readonly UserCall<INodeObserver, CompactNode, Nothing> OnFound =
        static (observer, in contact, in _) => observer.OnContactFound(contact);
    private static readonly UserCall<INodeObserver, CompactNode, Nothing> OnLost =
        static (observer, in contact, in _) => observer.OnContactLost(contact);
    private static readonly UserCall<INodeObserver, KrpcMessage, Endpoint> OnQuery =
        static (observer, in query, in source) => observer.OnQuery(query, source);
    private static readonly UserCall<INodeObserver, KrpcMessage, Endpoint> OnError =
        static (observer, in error, in source) => observer.OnError(error, source);
    private static readonly UserCall<INodeObserver, Endpoint, Nothing> OnTimeout =
        static (observer, in destination, in _) => observer.OnTimeout(destination);
    private static readonly UserCall<INodeObserver, LookupReport, Nothing> OnLookup =
        static (observer, in report, in _) => observer.OnLookupFinished(report);

    private static readonly UserCall<INodeObserver, KrpcMessage, (Endpoint Source, TimeSpan RoundTrip)> OnResponse =
        static (observer, in response, in from) => observer.OnResponse(response, from.Source, from.RoundTrip);

    private static readonly UserCall<INodeObserver, InfoHash, Endpoint> OnAnnounce =
        static (observer, in infoHash, in peer) => observer.OnAnnounce(infoHash, peer);

    private static readonly UserCall<INodeObserver, Endpoint, Endpoint> OnAddress =
        static (observer, in previous, in current) => observer.OnExternalAddressChanged(previous, current);

    private readonly PriorityList<INodeObserver> _observers = new();

    /// <summary>Adds an observer.</summary>
    /// <param name="observer">Yours.</param>
    /// <param name="priority">A higher one is notified earlier; equals in the order in which they were added.</param>
    public Registration Add(INodeObserver observer, int priority = 0)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return _observers.Add(observer, priority);
    }

    internal void ContactFound(NodeFaults faults, in CompactNode contact) =>
        Notify(faults, contact, default(Nothing), OnFound);

    internal void ContactLost(NodeFaults faults, in CompactNode contact) =>
        Notify(faults, contact, default(Nothing), OnLost);

    internal void Query(NodeFaults faults, in KrpcMessage query, in Endpoint source) =>
        Notify(faults, query, source, OnQuery);

    internal void Response(NodeFaults faults, in KrpcMessage response, in Endpoint source, TimeSpan roundTrip) =>
        Notify(faults, response, (Source: source, RoundTrip: roundTrip), OnResponse);

    internal void Error(NodeFaults faults, in KrpcMessage error, in Endpoint source) =>
        Notify(faults, error, source, OnError);

    internal void Timeout(NodeFaults faults, in Endpoint destination) =>
        Notify(faults, destination, default(Nothing), OnTimeout);

    internal void Announce(NodeFaults faults, in InfoHash infoHash, in Endpoint peer) =>
        Notify(faults, infoHash, peer, OnAnnounce);

    internal void ExternalAddressChanged(NodeFaults faults, in Endpoint previous, in Endpoint current) =>
        Notify(faults, previous, current, OnAddress);

    internal void LookupFinished(NodeFaults faults, in LookupReport report) =>
        Notify(faults, report, default(Nothing), OnLookup);

    private void Notify<T1, T2>(NodeFaults faults, in T1 what, in T2 detail, UserCall<INodeObserver, T1, T2> call)
        where T1 : allows ref struct
    {
        foreach (PriorityList<INodeObserver>.Entry entry in _observers.Entries)
        {
            if (entry.IsActive)
            {
                faults.Guard(entry.Item, what, detail, call);
            }
        }
    }
}
