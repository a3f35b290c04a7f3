using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Routing;
using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// A node as handlers and tasks meet it: everything that it can be asked, without what drives it. Use it on the
/// engine's thread only.
/// </summary>
public interface IMainlineNode
{
    /// <summary>
    /// Our id; where the families have different ones (<see cref="IdOf"/>), that of the family that the socket reaches,
    /// IPv4 first.
    /// </summary>
    NodeId Id { get; }

    /// <summary>Where announced peers are kept.</summary>
    IPeerStore Peers { get; }

    /// <summary>What it has done so far.</summary>
    NodeCounters Counters { get; }

    /// <summary>Contacts of both families.</summary>
    int ContactCount { get; }

    /// <summary>Queries of ours that await an answer.</summary>
    int OpenQueries { get; }

    /// <summary>Lookups under way, the node's own included.</summary>
    int LookupCount { get; }

    /// <summary>The instant that the driver handed in last: for listeners and observers that ask again.</summary>
    Instant Now { get; }

    /// <summary>
    /// Our id among the contacts of a family. BEP 42 ties an id to an address, so the families may have different ones.
    /// </summary>
    NodeId IdOf(IpFamily family);

    /// <summary>The table of a family.</summary>
    IRoutingTable Table(IpFamily family);

    /// <summary>Asks an endpoint for its id.</summary>
    /// <param name="destination">The endpoint to ask.</param>
    /// <param name="now">The current instant.</param>
    /// <param name="listener">Notified of how it ended; null for no notification.</param>
    /// <param name="cookie">Handed back to the listener.</param>
    AskResult Ping(in Endpoint destination, Instant now, IQueryListener? listener = null, long cookie = 0);

    /// <summary>Asks for the contacts nearest to a target.</summary>
    /// <param name="destination">The endpoint to ask.</param>
    /// <param name="target">What the contacts are to be near to.</param>
    /// <param name="want">Which families; none means that of the destination.</param>
    /// <param name="now">The current instant.</param>
    /// <param name="listener">Notified of how it ended; null for no notification.</param>
    /// <param name="cookie">Handed back to the listener.</param>
    AskResult FindNode(
        in Endpoint destination,
        in NodeId target,
        IpFamily want,
        Instant now,
        IQueryListener? listener = null,
        long cookie = 0);

    /// <summary>Asks for peers of a torrent, or for the contacts nearest to it, and for a token.</summary>
    /// <param name="destination">The endpoint to ask.</param>
    /// <param name="infoHash">The torrent.</param>
    /// <param name="want">Which families of contacts; none means that of the destination.</param>
    /// <param name="now">The current instant.</param>
    /// <param name="listener">Notified of how it ended; null for no notification.</param>
    /// <param name="cookie">Handed back to the listener.</param>
    AskResult GetPeers(
        in Endpoint destination,
        in InfoHash infoHash,
        IpFamily want,
        Instant now,
        IQueryListener? listener = null,
        long cookie = 0);

    /// <summary>Announces that a peer of a torrent listens on a port of our address.</summary>
    /// <param name="destination">The endpoint to announce to.</param>
    /// <param name="infoHash">The torrent.</param>
    /// <param name="port">The port; 0 asks the other side to take the source port of the datagram.</param>
    /// <param name="token">As the destination gave it in answer to get_peers, at most 255 bytes.</param>
    /// <param name="now">The current instant.</param>
    /// <param name="listener">Notified of how it ended; null for no notification.</param>
    /// <param name="cookie">Handed back to the listener.</param>
    /// <exception cref="ArgumentOutOfRangeException">The token is longer than 255 bytes.</exception>
    AskResult AnnouncePeer(
        in Endpoint destination,
        in InfoHash infoHash,
        ushort port,
        ReadOnlySpan<byte> token,
        Instant now,
        IQueryListener? listener = null,
        long cookie = 0);

    /// <summary>Asks a method of your own.</summary>
    /// <param name="destination">The endpoint to ask.</param>
    /// <param name="method">Its name and types; read the answer with its TryReadResults.</param>
    /// <param name="arguments">What to ask.</param>
    /// <param name="now">The current instant.</param>
    /// <param name="listener">Notified of how it ended; null for no notification.</param>
    /// <param name="cookie">Handed back to the listener.</param>
    /// <exception cref="ArgumentException">
    /// The query would be longer than 1,400 bytes, or its keys are out of order.
    /// </exception>
    AskResult Ask<TArguments, TResults>(
        in Endpoint destination,
        CustomMethod<TArguments, TResults> method,
        scoped in TArguments arguments,
        Instant now,
        IQueryListener? listener = null,
        long cookie = 0)
        where TArguments : IKrpcBody<TArguments>, allows ref struct
        where TResults : IKrpcBody<TResults>, allows ref struct;

    /// <summary>Starts a lookup. Its first queries go out with the next tick, which is due at once.</summary>
    /// <param name="request">What to look for, and which listener is notified.</param>
    /// <param name="now">The current instant.</param>
    /// <param name="handle">For cancelling it.</param>
    /// <returns>
    /// False when as many lookups are under way as <see cref="NodeOptions.LookupsMax"/> allows, or the node is closing.
    /// </returns>
    bool TryStartLookup(in LookupRequest request, Instant now, out LookupHandle handle);

    /// <summary>Ends a lookup early: its listener is notified at once. Does nothing when it has ended.</summary>
    void CancelLookup(LookupHandle handle, Instant now);

    /// <summary>
    /// Names a public router to join through. It is asked whenever a table is empty, and never enters it: routers serve
    /// everybody and would crowd every table.
    /// </summary>
    /// <returns>False when <see cref="NodeOptions.EntriesMax"/> are known already.</returns>
    bool AddRouter(in Endpoint router);

    /// <summary>
    /// Names an ordinary node to join through, one from an earlier run perhaps. It is asked whenever a table is empty,
    /// and enters it when it answers.
    /// </summary>
    /// <returns>False when <see cref="NodeOptions.EntriesMax"/> are known already.</returns>
    bool AddBootstrap(in Endpoint node);

    /// <summary>Forgets a router or a bootstrap node, for its name stands for another address by now.</summary>
    /// <returns>Whether it was known.</returns>
    bool RemoveEntry(in Endpoint entry);

    /// <summary>
    /// The address under which most others see us; false while too few have said so. The port is a hint only.
    /// </summary>
    bool TryGetExternalAddress(IpFamily family, out Endpoint address);

    /// <summary>
    /// Gives the node its external address, for those who know it better than other nodes do. A later majority may
    /// still change it. The id is derived again if it does not fit.
    /// </summary>
    /// <param name="address">Of either family; the port is a hint only.</param>
    /// <exception cref="ArgumentException">
    /// It is not an address, or the address policy refuses it: nobody outside could reach us there.
    /// </exception>
    void SetExternalAddress(in Endpoint address);

    /// <summary>
    /// What to take along to the next run: the ids, and of each family the healthiest contacts, then those of the run
    /// before that were not found dead. Allocates.
    /// </summary>
    NodeState CaptureState(Instant now);
}
