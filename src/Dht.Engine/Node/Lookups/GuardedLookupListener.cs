using Dht.Engine.Addressing;
using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>Notifies those who wait for a lookup, inside the guard.</summary>
internal sealed class GuardedLookupListener(NodeFaults faults, NodeObservers observers)
{
    private static readonly UserCall<ILookupListener, CompactPeers, (Endpoint Source, long Cookie)> Peers =
        static (listener, in peers, in detail) => listener.OnPeers(peers, detail.Source, detail.Cookie);

    private static readonly UserCall<
        ILookupListener, ReadOnlySpan<CompactNode>, (LookupReport Report, long Cookie)> Finished =
            static (listener, in closest, in detail) => listener.OnFinished(detail.Report, closest, detail.Cookie);

    public void OnPeers(in LookupRequest request, CompactPeers peers, in Endpoint source)
    {
        if (request.Listener != null)
        {
            faults.Guard(request.Listener, peers, (source, request.Cookie), Peers);
        }
    }

    public void OnFinished(in LookupRequest request, in LookupReport report, ReadOnlySpan<CompactNode> closest)
    {
        if (request.Listener != null)
        {
            faults.Guard(request.Listener, closest, (report, request.Cookie), Finished);
        }

        observers.LookupFinished(faults, report);
    }
}
