using System.Numerics;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Routing;

/// <summary>
/// What <see cref="KademliaTable"/> and <see cref="MainlineTable"/> share: contacts in buckets by the leading bits
/// that they share with us, each bucket with a cache of newcomers that wait for a place.
/// </summary>
/// <remarks>
/// Contacts are stored in one list for each number of shared leading bits, whatever the buckets are: bucket i below
/// <see cref="BucketCount"/> - 1 is list i, the last bucket is all lists from there on. Once created, only
/// <see cref="Rebase"/> allocates. One thread.
/// </remarks>
public abstract partial class BucketTable : IRoutingTable
{
    private const int Lists = NodeId.Bits;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RivalAfter = TimeSpan.FromSeconds(15);

    private readonly RoutingTableOptions _options;
    private readonly BucketRules _rules;
    private readonly ContactSlab _contacts;
    private readonly ContactSlab? _cache;

    // The sites of the contacts and the IPv6 blocks around them, the cache not included.
    private readonly SourceCounts _sites;
    private readonly BlockCounts _blocks;

    // By list, also within a home bucket that holds many of them: an answer of one says nothing about the others.
    private readonly Instant[] _refreshedAt = new Instant[Lists];

    // Whether a bucket was ever looked up: that it has a contact says nothing about how many more belong there.
    private readonly bool[] _searched = new bool[Lists];

    // A bit for each list: whether it holds a contact (the search for near ones skips empty lists by it), and whether
    // a newcomer waits for a questionable contact of it to be pinged.
    private readonly ulong[] _occupied = new ulong[(Lists + 63) / 64];
    private readonly ulong[] _contested = new ulong[(Lists + 63) / 64];

    // Contacts in the last bucket.
    private int _homeCount;

    private protected BucketTable(
        in NodeId self, IpFamily family, RoutingTableOptions options, BucketRules rules, IRandomSource? random)
    {
        options.Validate();
        if (family is not (IpFamily.IPv4 or IpFamily.IPv6))
        {
            throw new ArgumentOutOfRangeException(
                nameof(family), family, "A table holds IPv4 or IPv6 contacts; choose one.");
        }

        Self = self;
        Family = family;
        _options = options;
        _rules = rules;
        BucketCount = rules.Splits ? 1 : Lists;
        Span<int> capacities = stackalloc int[Lists];
        for (int i = 0; i < Lists; i++)
        {
            capacities[i] = rules.Capacity(i, options.BucketSize);
        }

        _contacts = new ContactSlab(capacities, family);
        capacities.Fill(options.CacheSize);
        _cache = options.CacheSize > 0 ? new ContactSlab(capacities, family) : null;

        // HashCode has a random seed in each process, which no reply gives away. What the table does is the same
        // under every key.
        EndpointHasher hasher = random != null
            ? new EndpointHasher(random.NextUInt64(), random.NextUInt64())
            : new EndpointHasher(ProcessKey(1), ProcessKey(3));
        _sites = new SourceCounts(_contacts.Rows, hasher);
        _blocks = new BlockCounts(family == IpFamily.IPv6 ? _contacts.Rows : 0, hasher);
    }

    /// <inheritdoc/>
    public NodeId Self { get; private set; }

    /// <inheritdoc/>
    public IpFamily Family { get; }

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public IContactListener? Listener { get; set; }

    /// <summary>Buckets that there are now: 1 to 160, and always 160 for <see cref="KademliaTable"/>.</summary>
    public int BucketCount { get; private set; }

    /// <summary>The bucket that an id belongs in, 0 to <see cref="BucketCount"/> - 1, or -1 for our own id.</summary>
    public int BucketOf(in NodeId id) => Math.Min(ListOf(id), BucketCount - 1);

    /// <inheritdoc/>
    public bool Wants(in NodeId id, in Endpoint endpoint)
    {
        int list = ListOf(id);
        if (list < 0 || endpoint.Family != Family || _contacts.TryFind(list, id, out _))
        {
            return false;
        }

        bool hasPlace = !_contacts.IsFull(list) || TryFindFailed(list, out _)
            || (_cache != null && !_cache.IsFull(list) && !_cache.TryFind(list, id, out _)
                && !IsCrowdedInCache(_cache, list, endpoint));
        return hasPlace && !IsCrowded(list, endpoint);
    }

    /// <inheritdoc/>
    public bool Insert(in NodeId id, in Endpoint endpoint, Instant now)
    {
        int list = ListOf(id);
        if (list < 0 || endpoint.Family != Family)
        {
            return false;
        }

        if (_contacts.TryFind(list, id, out int row))
        {
            return Refresh(list, row, endpoint, now);
        }

        if (IsCrowded(list, endpoint))
        {
            return false;
        }

        CompactNode evicted = default;
        bool evicts = _contacts.IsFull(list);
        if (evicts)
        {
            if (!TryFindFailed(list, out row))
            {
                KeepInCache(list, id, endpoint, now);
                Contest(list);
                return false;
            }

            evicted = _contacts.Contact(row);
            Remove(list, row);
        }

        ForgetInCache(list, id);
        ForgetSiteInCache(list, endpoint);
        Append(list, id, endpoint, ContactRecord.Answered(now));
        _refreshedAt[list] = now;
        if (evicts)
        {
            Listener?.OnContactLost(evicted);
        }

        Listener?.OnContactFound(new CompactNode(id, endpoint));
        return true;
    }

    /// <inheritdoc/>
    public void MarkFailed(in NodeId id, in Endpoint endpoint)
    {
        if (TryFindAt(id, endpoint, out int list, out int row)
            && ++_contacts.Record(row).Failures > _options.FailuresAllowed)
        {
            Lose(list, row);
        }
    }

    /// <inheritdoc/>
    public void MarkReplaced(in NodeId id, in Endpoint endpoint)
    {
        if (TryFindAt(id, endpoint, out int list, out int row))
        {
            Lose(list, row);
        }
    }

    /// <inheritdoc/>
    public void MarkHeard(in NodeId id, in Endpoint endpoint, Instant now)
    {
        if (TryFindAt(id, endpoint, out _, out int row))
        {
            _contacts.Record(row).HeardAt = now;
        }
    }

    private static ulong ProcessKey(int number) =>
        ((ulong)(uint)HashCode.Combine(number) << 32) | (uint)HashCode.Combine(number + 1);

    private int ListOf(in NodeId id) => Self.CommonPrefixLength(id) is var shared && shared < Lists ? shared : -1;

    private bool TryFindAt(in NodeId id, in Endpoint endpoint, out int list, out int row)
    {
        list = ListOf(id);
        row = -1;
        return list >= 0 && _contacts.TryFind(list, id, out row) && _contacts.EndpointOf(row) == endpoint;
    }

    private void Lose(int list, int row)
    {
        CompactNode lost = _contacts.Contact(row);
        Remove(list, row);
        bool promotes = TryPromoteFromCache(list, out CompactNode promoted);
        if (Count == 0)
        {
            // A node that joins again starts over.
            _searched.AsSpan().Clear();
        }

        Listener?.OnContactLost(lost);
        if (promotes)
        {
            Listener?.OnContactFound(promoted);
        }
    }

    private bool Refresh(int list, int row, in Endpoint endpoint, Instant now)
    {
        // An id that answers from elsewhere does not move while its known place is good: it may be another node's
        // claim.
        bool moves = _contacts.Contact(row) is var known && known.Endpoint != endpoint;
        if (moves)
        {
            // Nor does it move where there is no place for a newcomer: by claiming ids that failed once, one address
            // would get them all.
            if (_contacts.Record(row).Failures == 0
                || (!known.Endpoint.HasSameSite(endpoint) && IsSiteTaken(endpoint))
                || (!known.Endpoint.HasSameNetwork(endpoint) && IsNetworkFull(list, endpoint)))
            {
                return false;
            }

            RemoveSource(known.Endpoint);
            AddSource(endpoint);
            _contacts.Write(row, known.Id, endpoint, ContactRecord.Answered(now));
            ForgetSiteInCache(list, endpoint);
        }

        _contacts.Record(row).NoteAnswer(now);
        _refreshedAt[list] = now;
        if (moves)
        {
            Listener?.OnContactLost(known);
            Listener?.OnContactFound(new CompactNode(known.Id, endpoint));
        }

        return true;
    }

    private void Append(int list, in NodeId id, in Endpoint endpoint, in ContactRecord record)
    {
        Invariant.Holds(ListOf(id) == list, "a contact is in the list of the bits it shares with us");
        _contacts.Append(list, id, endpoint, record);
        AddSource(endpoint);
        Set(_occupied, list);
        Count++;
        _homeCount += list >= BucketCount - 1 ? 1 : 0;
        while (_homeCount > _rules.Capacity(BucketCount - 1, _options.BucketSize) && BucketCount < Lists)
        {
            SplitHome();
        }
    }

    private void SplitHome()
    {
        _homeCount -= _contacts.Count(BucketCount - 1);
        BucketCount++;
        Invariant.Holds(_rules.Splits && _homeCount >= 0, "only a home bucket that holds all of its contacts splits");
    }

    private void Remove(int list, int row)
    {
        RemoveSource(_contacts.EndpointOf(row));
        _contacts.RemoveAt(list, row);
        Count--;
        _homeCount -= list >= BucketCount - 1 ? 1 : 0;
        Invariant.Holds(Count >= 0 && _homeCount >= 0 && _homeCount <= Count, "no more is removed than was added");
        if (_contacts.Count(list) == 0)
        {
            Unset(_occupied, list);
        }
    }

    private void AddSource(in Endpoint endpoint)
    {
        _sites.Add(endpoint);
        _blocks.Add(endpoint);
    }

    private void RemoveSource(in Endpoint endpoint)
    {
        _sites.Remove(endpoint);
        _blocks.Remove(endpoint);
    }

    private static void Set(ulong[] bits, int list) => bits[list >> 6] |= 1ul << (list & 63);

    private static void Unset(ulong[] bits, int list) => bits[list >> 6] &= ~(1ul << (list & 63));

    /// <summary>The first list from a number on whose bit is set, or -1.</summary>
    private static int NextSet(ulong[] bits, int from)
    {
        for (int word = from >> 6; word < bits.Length; word++)
        {
            ulong rest = word == from >> 6 ? bits[word] & (ulong.MaxValue << (from & 63)) : bits[word];
            if (rest != 0)
            {
                return (word * 64) + BitOperations.TrailingZeroCount(rest);
            }
        }

        return -1;
    }
}
