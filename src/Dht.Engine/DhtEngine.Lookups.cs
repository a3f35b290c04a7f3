using Dht.Engine.Identity;
using Dht.Engine.Node;

namespace Dht.Engine;

/// <content>Iterative lookups, and joining, which is one.</content>
public sealed partial class DhtEngine
{
    /// <summary>The most distinct peers that one search hands out.</summary>
    public const int PeersPerSearchMax = 65_536;

    /// <summary>
    /// Joins the network: resolves the names of routers and bootstrap nodes, asks them all side by side, and looks for those nearest to
    /// our id. The node does this by itself too, and again whenever its table is empty; await it to know when queries make sense.
    /// </summary>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="InvalidOperationException">The engine is not started.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<JoinResult> JoinAsync(CancellationToken cancellation = default)
    {
        EngineLoop loop = Running();
        await Task.WhenAny(loop.Hosts.ResolveAsync(), loop.Stopped).WaitAsync(cancellation).ConfigureAwait(false);
        LookupResult found = await RunAsync(
            loop,
            Lookup(new LookupRequest { Kind = LookupKind.Upkeep }), cancellation).ConfigureAwait(false);
        return new JoinResult(found.Status, found.Contacts, found.Report.Answered, found.Report.Elapsed);
    }

    /// <summary>Finds the nodes nearest to an id.</summary>
    /// <param name="target">The id.</param>
    /// <param name="cancellation">Ends the lookup.</param>
    /// <exception cref="InvalidOperationException">The engine is not started.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<LookupResult> FindNodeAsync(NodeId target, CancellationToken cancellation = default) =>
        RunAsync(Running(), Lookup(new LookupRequest { Kind = LookupKind.FindNode, Target = target }), cancellation);

    /// <summary>Finds peers of a torrent.</summary>
    /// <param name="infoHash">The torrent.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>The peers, as they come; the search begins when they are enumerated.</returns>
    /// <exception cref="InvalidOperationException">The engine is not started.</exception>
    public PeerSearch GetPeersAsync(InfoHash infoHash, CancellationToken cancellation = default)
    {
        Running();
        return new PeerSearch(
            Running,
            Lookup(new LookupRequest { Kind = LookupKind.GetPeers, Target = infoHash.AsNodeId }, PeersPerSearchMax),
            cancellation);
    }

    /// <summary>Tells the nodes nearest to a torrent that we have it, or parts of it. Lasts about half an hour there; announce again before.</summary>
    /// <param name="infoHash">The torrent.</param>
    /// <param name="port">Where we listen for peers; 0 asks the nodes to take the port that our datagrams come from.</param>
    /// <param name="cancellation">Ends the lookup.</param>
    /// <returns>At how many nodes, in <see cref="LookupReport.AnnouncesAccepted"/>.</returns>
    /// <exception cref="InvalidOperationException">The engine is not started.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<LookupResult> AnnounceAsync(InfoHash infoHash, ushort port, CancellationToken cancellation = default) =>
        RunAsync(
            Running(),
            Lookup(new LookupRequest { Kind = LookupKind.Announce, Target = infoHash.AsNodeId, Port = port }),
            cancellation);

    private LookupCall Lookup(in LookupRequest request, int peersMax = 0) => new(request, _options.AddressPolicy, peersMax);

    private static async Task<LookupResult> RunAsync(EngineLoop loop, LookupCall call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        call.Post(loop);
        await using (cancellation.UnsafeRegister(static state => ((LookupCall)state!).Cancel(), call).ConfigureAwait(false))
        {
            // The caller need not wait for the loop to hear of it.
            return await call.Done.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }
}
