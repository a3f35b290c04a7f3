using Dht.Engine.Identity;
using Dht.Engine.Node;

namespace Dht.Engine;

/// <content>Iterative lookups, and joining, which is one.</content>
public sealed partial class DhtEngine
{
    /// <summary>The most distinct peers that one search hands out.</summary>
    public const int PeersPerSearchMax = 65_536;

    /// <summary>
    /// Joins the network: resolves the names of routers and bootstrap nodes, asks them all side by side, and looks
    /// for the nodes nearest to our id. The node does this by itself too, and again whenever its table is empty;
    /// await it to know when queries make sense.
    /// </summary>
    /// <param name="cancellation">
    /// Ends it early, with the status <see cref="LookupStatus.Cancelled"/> and what was found until then; it does not
    /// throw.
    /// </param>
    /// <exception cref="InvalidOperationException">The engine is not started.</exception>
    public async Task<JoinResult> JoinAsync(CancellationToken cancellation = default)
    {
        EngineLoop loop = Running();
        await loop.UntilResolvedAsync(cancellation).ConfigureAwait(false);
        LookupCall call = Lookup(loop, new LookupRequest { Kind = LookupKind.Upkeep });
        LookupResult found = await RunAsync(loop, call, cancellation).ConfigureAwait(false);
        return new JoinResult(
            found.Status, found.Contacts ?? loop.Counters.Contacts, found.Report.Answered, found.Report.Elapsed)
        {
            Report = found.Report,
        };
    }

    /// <summary>Finds the nodes nearest to an id.</summary>
    /// <param name="target">The id.</param>
    /// <param name="cancellation">
    /// Ends the lookup early, with the status <see cref="LookupStatus.Cancelled"/> and what was found until then; it
    /// does not throw.
    /// </param>
    /// <exception cref="InvalidOperationException">The engine is not started.</exception>
    public Task<LookupResult> FindNodeAsync(NodeId target, CancellationToken cancellation = default)
    {
        EngineLoop loop = Running();
        var request = new LookupRequest { Kind = LookupKind.FindNode, Target = target };
        return RunAsync(loop, Lookup(loop, request), cancellation);
    }

    /// <summary>Finds peers of a torrent.</summary>
    /// <param name="infoHash">The torrent.</param>
    /// <param name="cancellation">
    /// Ends the search early: the enumeration ends after the peers found until then, and
    /// <see cref="PeerSearch.Completion"/> has the status <see cref="LookupStatus.Cancelled"/>. It does not throw.
    /// </param>
    /// <returns>The peers, as they come; the search begins when they are enumerated.</returns>
    /// <exception cref="InvalidOperationException">The engine is not started.</exception>
    public PeerSearch GetPeersAsync(InfoHash infoHash, CancellationToken cancellation = default)
    {
        EngineLoop loop = Running();
        var request = new LookupRequest { Kind = LookupKind.GetPeers, Target = infoHash.AsNodeId };
        return new PeerSearch(Running, Lookup(loop, request, PeersPerSearchMax), cancellation);
    }

    /// <summary>
    /// Announces to the nodes nearest to a torrent that we have it, or parts of it. Lasts about half an hour there;
    /// announce again before.
    /// </summary>
    /// <param name="infoHash">The torrent.</param>
    /// <param name="port">
    /// Where we listen for peers; 0 asks the nodes to take the port that our datagrams come from.
    /// </param>
    /// <param name="cancellation">
    /// Ends the lookup early, with the status <see cref="LookupStatus.Cancelled"/> and what was done until then; it
    /// does not throw.
    /// </param>
    /// <returns>At how many nodes, in <see cref="LookupReport.AnnouncesAccepted"/>.</returns>
    /// <exception cref="InvalidOperationException">The engine is not started.</exception>
    public Task<LookupResult> AnnounceAsync(
        InfoHash infoHash, ushort port, CancellationToken cancellation = default)
    {
        EngineLoop loop = Running();
        var request = new LookupRequest { Kind = LookupKind.Announce, Target = infoHash.AsNodeId, Port = port };
        return RunAsync(loop, Lookup(loop, request), cancellation);
    }

    private static async Task<LookupResult> RunAsync(
        EngineLoop loop, LookupCall call, CancellationToken cancellation)
    {
        call.Start(loop, cancellation);
        await using (call.CancelWith(cancellation).ConfigureAwait(false))
        {
            return await call.Done.ConfigureAwait(false);
        }
    }

    private static LookupCall Lookup(EngineLoop loop, in LookupRequest request, int peersMax = 0) =>
        new(request, loop.Policy, peersMax);
}
