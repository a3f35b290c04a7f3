using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Nothing = System.ValueTuple;

namespace Dht.Engine.Node;

/// <summary>Those who are told of what happens in a node, in order of their priority. Thread-safe.</summary>
public sealed class NodeObservers
{
    // Made once, so that telling allocates nothing, not even at the first time; what happened is handed to them by reference.
    private static readonly Event<CompactNode, Nothing> TellFound = static (observer, in contact, in _) => observer.OnContactFound(contact);
    private static readonly Event<CompactNode, Nothing> TellLost = static (observer, in contact, in _) => observer.OnContactLost(contact);
    private static readonly Event<KrpcMessage, Endpoint> TellQuery = static (observer, in query, in source) => observer.OnQuery(query, source);
    private static readonly Event<KrpcMessage, Endpoint> TellError = static (observer, in error, in source) => observer.OnError(error, source);
    private static readonly Event<Endpoint, Nothing> TellTimeout = static (observer, in destination, in _) => observer.OnTimeout(destination);
    private static readonly Event<LookupReport, Nothing> TellLookup = static (observer, in report, in _) => observer.OnLookupFinished(report);

    private static readonly Event<KrpcMessage, (Endpoint Source, TimeSpan RoundTrip)> TellResponse =
        static (observer, in response, in from) => observer.OnResponse(response, from.Source, from.RoundTrip);

    private static readonly Event<InfoHash, Endpoint> TellAnnounce =
        static (observer, in infoHash, in peer) => observer.OnAnnounce(infoHash, peer);

    private static readonly Event<Endpoint, Endpoint> TellAddress =
        static (observer, in previous, in current) => observer.OnExternalAddressChanged(previous, current);

    private readonly PriorityList<INodeObserver> _observers = new();

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

    internal void ContactFound(MainlineNode node, in CompactNode contact) => Tell(node, contact, default(Nothing), TellFound);

    internal void ContactLost(MainlineNode node, in CompactNode contact) => Tell(node, contact, default(Nothing), TellLost);

    internal void Query(MainlineNode node, in KrpcMessage query, in Endpoint source) => Tell(node, query, source, TellQuery);

    internal void Response(MainlineNode node, in KrpcMessage response, in Endpoint source, TimeSpan roundTrip) =>
        Tell(node, response, (Source: source, RoundTrip: roundTrip), TellResponse);

    internal void Error(MainlineNode node, in KrpcMessage error, in Endpoint source) => Tell(node, error, source, TellError);

    internal void Timeout(MainlineNode node, in Endpoint destination) => Tell(node, destination, default(Nothing), TellTimeout);

    internal void Announce(MainlineNode node, in InfoHash infoHash, in Endpoint peer) => Tell(node, infoHash, peer, TellAnnounce);

    internal void ExternalAddressChanged(MainlineNode node, in Endpoint previous, in Endpoint current) =>
        Tell(node, previous, current, TellAddress);

    internal void LookupFinished(MainlineNode node, in LookupReport report) => Tell(node, report, default(Nothing), TellLookup);

    private void Tell<T1, T2>(MainlineNode node, in T1 what, in T2 detail, Event<T1, T2> tell)
        where T1 : allows ref struct
    {
        foreach (PriorityList<INodeObserver>.Entry entry in _observers.Entries)
        {
            if (!entry.IsActive)
            {
                continue;
            }

            try
            {
                tell(entry.Item, what, detail);
            }
            catch (Exception fault)
            {
                node.Report(fault);
            }
        }
    }
}
