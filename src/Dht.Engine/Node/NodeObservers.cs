using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>Those who are told of what happens in a node, in order of their priority. Thread-safe.</summary>
public sealed class NodeObservers
{
    private readonly PriorityList<INodeObserver> _observers = new();

    /// <summary>Adds an observer.</summary>
    /// <param name="observer">Yours.</param>
    /// <param name="priority">A higher one is told earlier; equals in the order in which they were added.</param>
    public Registration Add(INodeObserver observer, int priority = 0)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return _observers.Add(observer, priority);
    }

    internal void ContactFound(MainlineNode node, in CompactNode contact)
    {
        foreach (INodeObserver observer in _observers.Items)
        {
            try
            {
                observer.OnContactFound(contact);
            }
            catch (Exception fault)
            {
                node.Report(fault);
            }
        }
    }

    internal void ContactLost(MainlineNode node, in CompactNode contact)
    {
        foreach (INodeObserver observer in _observers.Items)
        {
            try
            {
                observer.OnContactLost(contact);
            }
            catch (Exception fault)
            {
                node.Report(fault);
            }
        }
    }

    internal void Query(MainlineNode node, in KrpcMessage query, in Endpoint source)
    {
        foreach (INodeObserver observer in _observers.Items)
        {
            try
            {
                observer.OnQuery(query, source);
            }
            catch (Exception fault)
            {
                node.Report(fault);
            }
        }
    }

    internal void Response(MainlineNode node, in KrpcMessage response, in Endpoint source, TimeSpan roundTrip)
    {
        foreach (INodeObserver observer in _observers.Items)
        {
            try
            {
                observer.OnResponse(response, source, roundTrip);
            }
            catch (Exception fault)
            {
                node.Report(fault);
            }
        }
    }

    internal void Error(MainlineNode node, in KrpcMessage error, in Endpoint source)
    {
        foreach (INodeObserver observer in _observers.Items)
        {
            try
            {
                observer.OnError(error, source);
            }
            catch (Exception fault)
            {
                node.Report(fault);
            }
        }
    }

    internal void Timeout(MainlineNode node, in Endpoint destination)
    {
        foreach (INodeObserver observer in _observers.Items)
        {
            try
            {
                observer.OnTimeout(destination);
            }
            catch (Exception fault)
            {
                node.Report(fault);
            }
        }
    }

    internal void Announce(MainlineNode node, in InfoHash infoHash, in Endpoint peer)
    {
        foreach (INodeObserver observer in _observers.Items)
        {
            try
            {
                observer.OnAnnounce(infoHash, peer);
            }
            catch (Exception fault)
            {
                node.Report(fault);
            }
        }
    }

    internal void ExternalAddressChanged(MainlineNode node, in Endpoint previous, in Endpoint current)
    {
        foreach (INodeObserver observer in _observers.Items)
        {
            try
            {
                observer.OnExternalAddressChanged(previous, current);
            }
            catch (Exception fault)
            {
                node.Report(fault);
            }
        }
    }

    internal void LookupFinished(MainlineNode node, in LookupReport report)
    {
        foreach (INodeObserver observer in _observers.Items)
        {
            try
            {
                observer.OnLookupFinished(report);
            }
            catch (Exception fault)
            {
                node.Report(fault);
            }
        }
    }
}
