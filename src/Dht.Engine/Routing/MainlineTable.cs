using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;

namespace Dht.Engine.Routing;

/// <summary>
/// The table of BEP 5: it begins with one bucket for all ids, and only the home bucket, the one that our own id lies
/// in, splits when it is full. The first four buckets hold 16, 8, 4 and 2 times k contacts unless that is switched
/// off.
/// </summary>
/// <remarks>
/// With n buckets, bucket i below n - 1 holds the contacts that share exactly i leading bits with us, the last one,
/// home, all that share n - 1 or more:
/// <code>
/// n = 1   [            home: 16k            ]
/// n = 2   [     0: 16k     |    home: 8k    ]
/// n = 3   [     0: 16k     | 1: 8k |home: 4k]
/// </code>
/// Of the ids in the home bucket no prefix length has more places than a bucket of its own would have, so that
/// crafted ids cannot fill it in one place. A newcomer to a full bucket waits in a cache. A bad contact gives way to
/// it at once; a questionable one is the next that <see cref="BucketTable.TryGetStale"/> offers, and is replaced when
/// it does not answer; a good one stays. A site (<see cref="Endpoint.HasSameSite"/>) holds one place in the whole
/// table, an IPv4 /24 one in a bucket, an IPv6 /56 two, a /48 three (of the table eight), a /32 four (sixteen).
/// Allocates only when created and in
/// <see cref="BucketTable.Rebase"/>: about 220 kB for k = cache = 8 over IPv4. One thread.
/// </remarks>
public sealed class MainlineTable : BucketTable
{
    /// <summary>Creates an empty table around our id.</summary>
    /// <param name="self">Our id.</param>
    /// <param name="family">The family of its contacts.</param>
    /// <param name="options">Its settings; null takes the defaults.</param>
    /// <param name="random">For the key of its hash table; null takes random bits of the process.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An option is out of its range, or the family is not one of the two.
    /// </exception>
    public MainlineTable(
        in NodeId self, IpFamily family, RoutingTableOptions? options = null, IRandomSource? random = null)
        : base(self, family, options ?? new RoutingTableOptions(), RulesFor(family, options), random)
    {
    }

    private static BucketRules RulesFor(IpFamily family, RoutingTableOptions? options) => new()
    {
        Splits = true,
        Extends = options is not { ExtendedBuckets: false },
        PingsBeforeEviction = true,
        NetworkPlaces = family == IpFamily.IPv6 ? 2 : 1,
    };
}
