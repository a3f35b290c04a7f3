using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>Those who are told of what happens in a node, in order of their priority. Thread-safe.</summary>
public sealed class NodeObservers
{
    private readonly PriorityList<INodeObserver> _observers = new();

    // Static lambdas are made once, so that telling allocates nothing; what happened is handed to them by reference.
    private delegate void Event<T>(INodeObserver observer, in T what)
        where T : allows ref struct;

    private delegate void Event<T1, T2>(INodeObserver observer, in T1 what, in T2 detail)
        where T1 : allows ref struct;

    /// <summary>Adds an observer.</summary>
    /// <param name="observer">Yours.</param>
    /// <param name="priority">A higher one is told earlier; equals in the order in which they were added.</param>
    public Registration Add(INodeObserver observer, int priority = 0)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return _observers.Add(observer, priority);
    }

    internal void ContactFound(MainlineNode node, in CompactNode contact) =>
        Tell(node, contact, static (observer, in contact) => observer.OnContactFound(contact));

    internal void ContactLost(MainlineNode node, in CompactNode contact) =>
        Tell(node, contact, static (observer, in contact) => observer.OnContactLost(contact));

    internal void Query(MainlineNode node, in KrpcMessage query, in Endpoint source) =>
        Tell(node, query, source, static (observer, in query, in source) => observer.OnQuery(query, source));

    internal void Response(MainlineNode node, in KrpcMessage response, in Endpoint source, TimeSpan roundTrip) =>
        Tell(
            node,
            response,
            (Source: source, RoundTrip: roundTrip),
            static (observer, in response, in from) => observer.OnResponse(response, from.Source, from.RoundTrip));

    internal void Error(MainlineNode node, in KrpcMessage error, in Endpoint source) =>
        Tell(node, error, source, static (observer, in error, in source) => observer.OnError(error, source));

    internal void Timeout(MainlineNode node, in Endpoint destination) =>
        Tell(node, destination, static (observer, in destination) => observer.OnTimeout(destination));

    internal void Announce(MainlineNode node, in InfoHash infoHash, in Endpoint peer) =>
        Tell(node, infoHash, peer, static (observer, in infoHash, in peer) => observer.OnAnnounce(infoHash, peer));

    internal void ExternalAddressChanged(MainlineNode node, in Endpoint previous, in Endpoint current) =>
        Tell(node, previous, current, static (observer, in previous, in current) => observer.OnExternalAddressChanged(previous, current));

    internal void LookupFinished(MainlineNode node, in LookupReport report) =>
        Tell(node, report, static (observer, in report) => observer.OnLookupFinished(report));

    private void Tell<T>(MainlineNode node, in T what, Event<T> tell)
        where T : allows ref struct =>
        Tell(node, what, tell, static (observer, in what, in tell) => tell(observer, what));

    private void Tell<T1, T2>(MainlineNode node, in T1 what, in T2 detail, Event<T1, T2> tell)
        where T1 : allows ref struct
    {
        foreach (INodeObserver observer in _observers.Items)
        {
            try
            {
                tell(observer, what, detail);
            }
            catch (Exception fault)
            {
                node.Report(fault);
            }
        }
    }
}
