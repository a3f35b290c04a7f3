using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;

namespace Dht.Engine.Routing;

/// <summary>
/// The table of the Kademlia paper: 160 buckets of k contacts; bucket i holds the contacts that share exactly i
/// leading bits with us. A full bucket keeps newcomers in a cache, from which a dead contact is replaced; a contact
/// that failed gives way at once.
/// </summary>
/// <remarks>
/// A site (<see cref="Endpoint.HasSameSite"/>) holds one place in the whole table, and a network (an IPv4 /24, an
/// IPv6 /56) two in a bucket, where all buckets from the first with room on count as one: ids cost nothing, so one
/// network could otherwise be all the contacts nearest to us. Of an IPv6 /48, with its 256 networks, there are three in
/// a bucket and eight in the table, of a /32 four and sixteen. Allocates only when created and in
/// <see cref="BucketTable.Rebase"/>: 160 x (k + cache) rows of 26 or 38 bytes with 40 bytes beside each, and 16 bytes
/// for a site, 200 kB for k = cache = 8 over IPv4. One thread.
/// </remarks>
public sealed class KademliaTable : BucketTable
{
    private static readonly BucketRules Rules = new() { NetworkPlaces = 2 };

    /// <summary>Creates an empty table around our id.</summary>
    /// <param name="self">Our id.</param>
    /// <param name="family">The family of its contacts.</param>
    /// <param name="options">Its settings; null takes the defaults.</param>
    /// <param name="random">For the key of its hash table; null takes random bits of the process.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An option is out of its range, or the family is not one of the two.
    /// </exception>
    public KademliaTable(
        in NodeId self, IpFamily family, RoutingTableOptions? options = null, IRandomSource? random = null)
        : base(self, family, options ?? new RoutingTableOptions(), Rules, random)
    {
    }
}
