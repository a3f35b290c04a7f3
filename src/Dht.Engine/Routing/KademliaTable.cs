using System.Numerics;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Routing;

/// <summary>
/// The table of the Kademlia paper: 160 buckets of k contacts; bucket i holds the contacts that share exactly i leading bits with
/// us. A full bucket keeps newcomers in a cache, from which a dead contact is replaced.
/// </summary>
/// <remarks>
/// A site (<see cref="Endpoint.HasSameSite"/>) holds one place in the whole table, and a network (an IPv4 /24, an IPv6 /56) two in a
/// bucket: ids cost nothing, so one host could otherwise be all the contacts nearest to us.
/// Allocates only when made: 160 x (k + cache) rows of 26 or 38 bytes and 24 bytes of health each, and 16 bytes for a site, 160 kB
/// for k = cache = 8 over IPv4. One thread.
/// </remarks>
public sealed partial class KademliaTable : IRoutingTable
{
    private const int BucketCount = NodeId.Bits;
    private const int NetworkPlacesMax = 2;

    private readonly KademliaTableOptions _options;
    private readonly ContactSlab _contacts;
    private readonly ContactSlab? _cache;

    // The sites of the contacts, the cache not included.
    private readonly SiteCounts _sites;
    private readonly Instant[] _refreshedAt = new Instant[BucketCount];

    // Bit b of word b / 64 says whether bucket b holds a contact: the search for near ones skips empty buckets by it.
    private readonly ulong[] _occupied = new ulong[(BucketCount + 63) / 64];

    /// <summary>Makes an empty table around our id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public KademliaTable(in NodeId self, AddressKind kind, KademliaTableOptions? options = null)
    {
        _options = options ?? new KademliaTableOptions();
        _options.Validate();
        if (kind == AddressKind.None)
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "A table holds IPv4 or IPv6 contacts.");
        }

        Self = self;
        Kind = kind;
        _contacts = new ContactSlab(BucketCount, _options.BucketSize, kind);
        _cache = _options.CacheSize > 0 ? new ContactSlab(BucketCount, _options.CacheSize, kind) : null;

        // HashCode has a random seed in each process, which no reply gives away. What the table does is the same under every key.
        var hasher = new EndpointHasher(ProcessKey(1), ProcessKey(3));
        _sites = new SiteCounts(BucketCount * _options.BucketSize, hasher);
    }

    /// <inheritdoc/>
    public NodeId Self { get; }

    /// <inheritdoc/>
    public AddressKind Kind { get; }

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <summary>The bucket that an id belongs in, or -1 for our own id.</summary>
    public int BucketOf(in NodeId id) => Self.CommonPrefixLength(id) is var shared && shared < BucketCount ? shared : -1;

    /// <inheritdoc/>
    public bool Wants(in NodeId id, in Endpoint endpoint)
    {
        int bucket = BucketOf(id);
        if (bucket < 0 || endpoint.Kind != Kind || _contacts.TryFind(bucket, id, out _) || IsCrowded(bucket, endpoint))
        {
            return false;
        }

        return !_contacts.IsFull(bucket) || TryFindFailing(bucket, out _)
            || (_cache != null && !_cache.IsFull(bucket) && !_cache.TryFind(bucket, id, out _)
                && !IsCrowdedInCache(_cache, bucket, endpoint));
    }

    /// <inheritdoc/>
    public bool Insert(in NodeId id, in Endpoint endpoint, Instant now)
    {
        int bucket = BucketOf(id);
        if (bucket < 0 || endpoint.Kind != Kind)
        {
            return false;
        }

        if (_contacts.TryFind(bucket, id, out int row))
        {
            return Refresh(row, endpoint, now);
        }

        if (IsCrowded(bucket, endpoint))
        {
            return false;
        }

        if (_contacts.IsFull(bucket))
        {
            if (!TryFindFailing(bucket, out row))
            {
                KeepInCache(bucket, id, endpoint, now);
                return false;
            }

            Remove(bucket, row);
        }

        Append(bucket, id, endpoint, now);
        _refreshedAt[bucket] = now;
        ForgetInCache(bucket, id);
        ForgetSiteInCache(bucket, endpoint);
        return true;
    }

    /// <inheritdoc/>
    public void MarkFailed(in NodeId id, in Endpoint endpoint)
    {
        int bucket = BucketOf(id);
        if (bucket < 0 || !_contacts.TryFind(bucket, id, out int row) || _contacts.Contact(row).Endpoint != endpoint)
        {
            return;
        }

        if (++_contacts.Health(row).Failures <= _options.FailuresAllowed)
        {
            return;
        }

        Remove(bucket, row);
        PromoteFromCache(bucket);
    }

    /// <inheritdoc/>
    public bool TryGetRefreshTarget(Instant now, IRandomSource random, out NodeId target)
    {
        // One bucket beyond the deepest that holds anything: that is where a nearer neighbour would appear.
        int deepest = DeepestBucket();
        for (int bucket = 0; bucket <= Math.Min(deepest + 1, BucketCount - 1) && deepest >= 0; bucket++)
        {
            if (now - _refreshedAt[bucket] >= _options.StaleAfter)
            {
                _refreshedAt[bucket] = now;
                target = Self.RandomWithCommonPrefix(bucket, random);
                return true;
            }
        }

        target = default;
        return false;
    }

    /// <inheritdoc/>
    public bool TryGetStale(Instant now, out CompactNode contact)
    {
        int deepest = DeepestBucket();
        for (int bucket = 0; bucket <= deepest; bucket++)
        {
            int end = _contacts.FirstRow(bucket) + _contacts.Count(bucket);
            for (int row = _contacts.FirstRow(bucket); row < end; row++)
            {
                ref ContactHealth health = ref _contacts.Health(row);
                TimeSpan patience = health.Failures > 0 ? TimeSpan.FromSeconds(30) : _options.StaleAfter;
                if (now - health.NoticedAt >= patience)
                {
                    health.NoticedAt = now;
                    contact = _contacts.Contact(row);
                    return true;
                }
            }
        }

        contact = default;
        return false;
    }

    private static ulong ProcessKey(int number) =>
        ((ulong)(uint)HashCode.Combine(number) << 32) | (uint)HashCode.Combine(number + 1);

    private int DeepestBucket()
    {
        for (int word = _occupied.Length - 1; word >= 0; word--)
        {
            if (_occupied[word] != 0)
            {
                return (word * 64) + 63 - BitOperations.LeadingZeroCount(_occupied[word]);
            }
        }

        return -1;
    }

    private bool IsCrowded(int bucket, in Endpoint endpoint) => IsSiteTaken(endpoint) || IsNetworkFull(_contacts, bucket, endpoint);

    private bool IsCrowdedInCache(ContactSlab cache, int bucket, in Endpoint endpoint) => !_options.AllowSharedAddresses
        && (cache.TryFindSite(bucket, endpoint, out _) || IsNetworkFull(cache, bucket, endpoint));

    private bool IsSiteTaken(in Endpoint endpoint) => !_options.AllowSharedAddresses && _sites.CountOf(endpoint) > 0;

    private bool IsNetworkFull(ContactSlab slab, int bucket, in Endpoint endpoint) =>
        !_options.AllowSharedAddresses && slab.CountNetwork(bucket, endpoint) >= NetworkPlacesMax;

    private void Append(int bucket, in NodeId id, in Endpoint endpoint, Instant seenAt)
    {
        _contacts.Append(bucket, id, endpoint, seenAt);
        _sites.Add(endpoint);
        _occupied[bucket >> 6] |= 1ul << (bucket & 63);
        Count++;
    }

    private void Remove(int bucket, int row)
    {
        _sites.Remove(_contacts.EndpointOf(row));
        _contacts.RemoveAt(bucket, row);
        Count--;
        if (_contacts.Count(bucket) == 0)
        {
            _occupied[bucket >> 6] &= ~(1ul << (bucket & 63));
        }
    }

    private bool Refresh(int row, in Endpoint endpoint, Instant now)
    {
        // An id that answers from elsewhere does not move while its known place is good: it may be somebody else's claim.
        if (_contacts.Contact(row) is var known && known.Endpoint != endpoint)
        {
            // Nor does it move where there is no place for a newcomer: by claiming ids that failed once, one address would get them all.
            int bucket = row / _contacts.Width;
            if (_contacts.Health(row).Failures == 0
                || (!known.Endpoint.HasSameSite(endpoint) && IsSiteTaken(endpoint))
                || (!known.Endpoint.HasSameNetwork(endpoint) && IsNetworkFull(_contacts, bucket, endpoint)))
            {
                return false;
            }

            _sites.Remove(known.Endpoint);
            _sites.Add(endpoint);
            _contacts.Write(row, known.Id, endpoint, now);
            ForgetSiteInCache(bucket, endpoint);
        }

        _contacts.Health(row) = new ContactHealth { SeenAt = now, NoticedAt = now };
        _refreshedAt[row / _contacts.Width] = now;
        return true;
    }

    private bool TryFindFailing(int bucket, out int worst)
    {
        worst = -1;
        int end = _contacts.FirstRow(bucket) + _contacts.Count(bucket);
        for (int row = _contacts.FirstRow(bucket); row < end; row++)
        {
            int failures = _contacts.Health(row).Failures;
            if (failures > 0 && (worst < 0 || failures > _contacts.Health(worst).Failures))
            {
                worst = row;
            }
        }

        return worst >= 0;
    }

    private void KeepInCache(int bucket, in NodeId id, in Endpoint endpoint, Instant now)
    {
        if (_cache == null)
        {
            return;
        }

        ForgetInCache(bucket, id);
        if (IsCrowdedInCache(_cache, bucket, endpoint))
        {
            return;
        }

        if (_cache.IsFull(bucket))
        {
            _cache.RemoveAt(bucket, _cache.FirstRow(bucket));
        }

        _cache.Append(bucket, id, endpoint, now);
    }

    private void ForgetInCache(int bucket, in NodeId id)
    {
        if (_cache != null && _cache.TryFind(bucket, id, out int row))
        {
            _cache.RemoveAt(bucket, row);
        }
    }

    private void ForgetSiteInCache(int bucket, in Endpoint endpoint)
    {
        if (_cache != null && !_options.AllowSharedAddresses && _cache.TryFindSite(bucket, endpoint, out int row))
        {
            _cache.RemoveAt(bucket, row);
        }
    }

    private void PromoteFromCache(int bucket)
    {
        while (_cache != null && _cache.Count(bucket) > 0)
        {
            int newest = _cache.FirstRow(bucket) + _cache.Count(bucket) - 1;
            CompactNode contact = _cache.Contact(newest);
            Instant seenAt = _cache.Health(newest).SeenAt;
            _cache.RemoveAt(bucket, newest);
            if (!IsCrowded(bucket, contact.Endpoint))
            {
                Append(bucket, contact.Id, contact.Endpoint, seenAt);
                return;
            }
        }
    }
}
