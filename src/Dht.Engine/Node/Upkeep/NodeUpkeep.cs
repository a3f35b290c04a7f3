using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// What keeps the tables of a node alive: joining, looking for neighbours, refreshing buckets, pinging the silent.
/// </summary>
internal sealed class NodeUpkeep
{
    /// <summary>Lookups of the node's own at once.</summary>
    public const int LookupsMax = 4;

    // Of the contacts that are asked for our address, one a second.
    private const int LookupEvery = 8;

    private static readonly TimeSpan JoinIntervalMin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan JoinIntervalMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan JoinIntervalOfOneFamily = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan SearchIntervalMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RefreshIntervalMax = TimeSpan.FromSeconds(10);

    private readonly NodeFamilies _families;
    private readonly EntryPoints _entries;
    private readonly NodeQueries _queries;
    private readonly NodeLookups _lookups;
    private readonly IRandomSource _random;
    private readonly SearchPace _searchPace;
    private readonly SearchPace _refreshPace;
    private readonly AddressDoubt[] _doubts = [new(), new()];
    private readonly ContactRound[] _rounds = [new(), new()];
    private Instant _joinDue;
    private TimeSpan _joinInterval = JoinIntervalMin;
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
        _searchPace = new SearchPace(SearchIntervalMax, now);
        _refreshPace = new SearchPace(RefreshIntervalMax, now);
    }

    // As long as there are so few, each search asks the nodes through which we join: one at a time will do.
    private bool IsJoining => _lookups.UpkeepCount > 0 && _families.ContactCount < LookupSeeds.SeedsEnough;

    /// <summary>The next look at the tables joins at once where one is empty: there is a new node to ask.</summary>
    public void JoinSoon() => _joinDue = Instant.Zero;

    /// <summary>
    /// Looks for neighbours again at short intervals: those near our old id are not those near the new one.
    /// </summary>
    public void RestartSearch(Instant now)
    {
        _searchPace.Restart(now);
        _refreshPace.Restart(now);
    }

    /// <summary>
    /// Counts what a verified response says our address is. When several in a row contradict the address that we
    /// believe, all contacts of the family are asked, one a second, and others through lookups: otherwise it would take
    /// long to learn of a new one, for there are few reasons to ask anybody.
    /// </summary>
    public void NoteVote(in Endpoint voter, in Endpoint seenAt, in Endpoint current, Instant now)
    {
        int family = voter.IsIPv6 ? 1 : 0;
        if (_doubts[family].Note(voter, seenAt, current))
        {
            _rounds[family].Begin(now);
        }
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

        if (!apart || now < _joinDue || (isAlone && _lookups.UpkeepCount > 0))
        {
            _joinInterval = apart ? _joinInterval : JoinIntervalMin;
            return;
        }

        _joinDue = now + _joinInterval;
        TimeSpan longest = isAlone ? JoinIntervalMax : JoinIntervalOfOneFamily;
        _joinInterval = TimeSpan.FromTicks(Math.Min(_joinInterval.Ticks * 2, longest.Ticks));
        if (isAlone)
        {
            RestartSearch(now);
        }

        StartLookup((LacksContacts(_families.IPv4) ? _families.IPv4 : _families.IPv6).Id, now);
    }

    /// <summary>Pings one contact of each table that has been silent for long, or whose turn it is.</summary>
    public void PingStaleContacts(Instant now)
    {
        foreach (NodeFamily family in _families.All)
        {
            ContactRound round = _rounds[family.Family == IpFamily.IPv6 ? 1 : 0];
            if (round.TryGetNext(family.Table, now, out Contact next))
            {
                _queries.Ping(next.Endpoint, Expectation.Only(next.Id), now);
                if (round.IsOneOf(LookupEvery))
                {
                    // Not for upkeep: that would ask only those that the table wants.
                    var request = new LookupRequest { Kind = LookupKind.FindNode, Target = NodeId.Random(_random) };
                    _lookups.TryStart(request, now, out _);
                }
            }
            else if (family.Table.TryGetStale(now, out CompactNode stale))
            {
                _queries.Ping(stale.Endpoint, Expectation.Only(stale.Id), now);
            }
        }
    }

    /// <summary>
    /// Looks up an id in one bucket of each table where nothing has happened for long: every second while that brings
    /// contacts, otherwise less often.
    /// </summary>
    public void RefreshBuckets(Instant now)
    {
        if (!_refreshPace.IsDue(now) || IsJoining)
        {
            return;
        }

        bool isAny = false;
        foreach (NodeFamily family in _families.All)
        {
            if (family.Table.Count > 0 && _lookups.UpkeepCount < LookupsMax
                && family.Table.TryGetRefreshTarget(now, _random, out NodeId target))
            {
                StartLookup(target, now);
                isAny = true;
            }
        }

        if (isAny)
        {
            _refreshPace.Note(_families.ContactCount, now);
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
        if (!_searchPace.IsDue(now) || contacts == 0 || IsJoining)
        {
            return;
        }

        _searchPace.Note(contacts, now);
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
