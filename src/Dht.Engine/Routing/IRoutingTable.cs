using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Routing;

/// <summary>
/// The contacts that a node keeps, of one address family. Replace it to build another overlay. Called from the
/// engine's loop only; must answer at once and have a bound.
/// </summary>
public interface IRoutingTable
{
    /// <summary>The id that the table is arranged around.</summary>
    NodeId Self { get; }

    /// <summary>The family of its contacts.</summary>
    IpFamily Family { get; }

    /// <summary>Contacts that can be handed out now.</summary>
    int Count { get; }

    /// <summary>
    /// Notified of contacts that enter and leave the table; null for no listener. The node that uses the table sets it.
    /// </summary>
    IContactListener? Listener { get; set; }

    /// <summary>
    /// Whether a contact would enter if it proved itself: asked before it is pinged, so that no ping is wasted. False
    /// for one that is in the table already.
    /// </summary>
    bool Wants(in NodeId id, in Endpoint endpoint);

    /// <summary>Takes or refreshes a contact that has just answered a query of ours.</summary>
    /// <returns>Whether it is in the table now.</returns>
    bool Insert(in NodeId id, in Endpoint endpoint, Instant now);

    /// <summary>Notes that a contact did not answer a query.</summary>
    void MarkFailed(in NodeId id, in Endpoint endpoint);

    /// <summary>
    /// Notes that another node has answered where a contact was, which so is gone for certain. By default it counts as
    /// a failure.
    /// </summary>
    void MarkReplaced(in NodeId id, in Endpoint endpoint) => MarkFailed(id, endpoint);

    /// <summary>
    /// Finds the contact that keeps a newcomer of its site (<see cref="Endpoint.HasSameSite"/>) out, unless it has
    /// answered just now: it is pinged, to learn whether it is still there. The newcomer may be what it was before it
    /// restarted. By default there is no such contact.
    /// </summary>
    /// <param name="id">The id of the newcomer.</param>
    /// <param name="endpoint">Where the newcomer is; the contact may be at the very endpoint.</param>
    /// <param name="now">The current instant.</param>
    /// <param name="rival">The contact.</param>
    bool TryGetRival(in NodeId id, in Endpoint endpoint, Instant now, out CompactNode rival)
    {
        rival = default;
        return false;
    }

    /// <summary>
    /// Notes that a query came from a contact. One that has answered us before is good while it queries us (BEP 5).
    /// Does nothing for an id that is not in the table or is there with another endpoint.
    /// </summary>
    /// <remarks>
    /// The source of a query can be forged. So it neither clears failures nor postpones the ping of a contact that
    /// has not answered for long; only an answer does.
    /// </remarks>
    void MarkHeard(in NodeId id, in Endpoint endpoint, Instant now);

    /// <summary>
    /// Copies the contacts nearest to <paramref name="target"/> in compact form, nearest first, as many as there are
    /// and fit; a table may stop at 64.
    /// </summary>
    /// <param name="except">An id to leave out: the asker has no use for itself.</param>
    /// <returns>Bytes written, a multiple of 26 (IPv4) or 38 (IPv6).</returns>
    int CopyClosest(in NodeId target, in NodeId except, Span<byte> destination);

    /// <summary>
    /// Walks the contacts, those that merely wait for a place not included. If the table changes during the walk, a
    /// contact may be missed or met twice.
    /// </summary>
    /// <param name="cursor">0 to begin; then as the call before left it.</param>
    /// <param name="now">The instant at which the health is given.</param>
    /// <param name="contact">The next contact.</param>
    /// <returns>False at the end.</returns>
    bool TryGetNext(ref int cursor, Instant now, out Contact contact);

    /// <summary>
    /// Finds a part of the table that was never looked up, or that nothing was heard from for long, and an id inside
    /// it to look up. The part counts as refreshed from now on.
    /// </summary>
    bool TryGetRefreshTarget(Instant now, IRandomSource random, out NodeId target);

    /// <summary>
    /// Finds a contact that has been silent for long and should be pinged. It counts as noticed from now on.
    /// </summary>
    bool TryGetStale(Instant now, out CompactNode contact);

    /// <summary>
    /// Arranges the table around another id of ours, as when our address changed (BEP 42). Contacts for which there
    /// is a place stay with their health, healthy ones before others; the rest are lost. Rare, so it may allocate.
    /// </summary>
    void Rebase(in NodeId self, Instant now);
}
