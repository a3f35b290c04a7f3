using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// What keeps the tables of a node alive: joining, looking for neighbours, refreshing buckets, pinging the silent.
/// </summary>
internal sealed class NodeUpkeep
{
    /// <summary>Lookups of the node's own at once.</summary>
    public const int LookupsMax = 4;

    private static readonly TimeSpan JoinIntervalMin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan JoinIntervalMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan JoinIntervalOfOneFamily = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan SearchIntervalMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SearchIntervalMax = TimeSpan.FromMinutes(5);

    private readonly NodeFamilies _families;
    private readonly EntryPoints _entries;
    private readonly NodeQueries _queries;
    private readonly NodeLookups _lookups;
    private readonly IRandomSource _random;
    private Instant _joinDue;
    private TimeSpan _joinInterval = JoinIntervalMin;
    private Instant _searchDue;
    private TimeSpan _searchInterval = SearchIntervalMin;
    private int _contactsAtLastSearch;
    private bool _searchesIPv6;

    public NodeUpkeep(
        NodeFamilies families,
        EntryPoints entries,
        NodeQueries queries,
        NodeLookups lookups,
        IRandomSource random,
        Instant now)
    {
        _families = families;
        _entries = entries;
        _queries = queries;
        _lookups = lookups;
        _random = random;
        _joinDue = now;
        _searchDue = now;
    }

    /// <summary>The next look at the tables joins at once where one is empty: there is a new node to ask.</summary>
    public void JoinSoon() => _joinDue = Instant.Zero;

    /// <summary>
    /// Looks for neighbours again at short intervals: those near our old id are not those near the new one.
    /// </summary>
    public void RestartSearch(Instant now)
    {
        _searchInterval = SearchIntervalMin;
        _searchDue = now;
    }

    /// <summary>
    /// Looks for our own id through the entries of each family whose table is empty. Where only one is, perhaps because
    /// there is no route in that family, it is retried less and less often; the other family is not affected.
    /// </summary>
    public void JoinWhereEmpty(Instant now)
    {
        bool apart = LacksContacts(_families.IPv4) || LacksContacts(_families.IPv6);
        bool isAlone = _families.ContactCount == 0;
        if (isAlone && _joinDue > now + JoinIntervalMax)
        {
            // The other family is lost now too.
            _joinInterval = JoinIntervalMin;
            _joinDue = now;
        }

        if (!apart || now < _joinDue)
        {
            _joinInterval = apart ? _joinInterval : JoinIntervalMin;
            return;
        }

        _joinDue = now + _joinInterval;
        TimeSpan longest = isAlone ? JoinIntervalMax : JoinIntervalOfOneFamily;
        _joinInterval = TimeSpan.FromTicks(Math.Min(_joinInterval.Ticks * 2, longest.Ticks));
        _searchInterval = isAlone ? SearchIntervalMin : _searchInterval;
        StartLookup((LacksContacts(_families.IPv4) ? _families.IPv4 : _families.IPv6).Id, now);
    }

    /// <summary>Pings one contact of each table that has been silent for long.</summary>
    public void PingStaleContacts(Instant now)
    {
        foreach (NodeFamily family in _families.All)
        {
            if (family.Table.TryGetStale(now, out CompactNode stale))
            {
                _queries.Ping(stale.Endpoint, Expectation.Only(stale.Id), now);
            }
        }
    }

    /// <summary>Looks up an id in one bucket of each table where nothing has happened for long.</summary>
    public void RefreshBuckets(Instant now)
    {
        foreach (NodeFamily family in _families.All)
        {
            if (family.Table.Count > 0 && _lookups.UpkeepCount < LookupsMax
                && family.Table.TryGetRefreshTarget(now, _random, out NodeId target))
            {
                StartLookup(target, now);
            }
        }
    }

    /// <summary>
    /// Looks for contacts near our own id: every second while the table grows, then at growing intervals, up to five
    /// minutes. Those near us are the ones whose questions we are expected to answer. The families take turns, for
    /// their ids may differ.
    /// </summary>
    public void SearchNeighbourhood(Instant now)
    {
        int contacts = _families.ContactCount;
        if (now < _searchDue || contacts == 0)
        {
            return;
        }

        bool grew = contacts > _contactsAtLastSearch;
        _contactsAtLastSearch = contacts;
        _searchInterval = grew ? SearchIntervalMin
            : TimeSpan.FromTicks(Math.Min(_searchInterval.Ticks * 2, SearchIntervalMax.Ticks));
        _searchDue = now + _searchInterval;
        bool hasIPv6 = _families.IPv6.Table.Count > 0;
        _searchesIPv6 = _families.IPv4.Table.Count == 0 || (hasIPv6 && !_searchesIPv6);
        NodeId id = (_searchesIPv6 ? _families.IPv6 : _families.IPv4).Id;
        StartLookup(id.RandomWithCommonPrefix(NodeId.Bits - 32, _random), now);
    }

    /// <summary>Whether a family's table is empty, and there is a node to ask about it.</summary>
    private bool LacksContacts(NodeFamily family) =>
        family.IsReached && family.Table.Count == 0 && _entries.HasAny(family.Family);

    private void StartLookup(in NodeId target, Instant now)
    {
        if (_lookups.UpkeepCount < LookupsMax)
        {
            _lookups.TryStart(new LookupRequest { Kind = LookupKind.Upkeep, Target = target }, now, out _);
        }
    }
}
