using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Routing;
using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <content>What a node does by itself: joins, keeps its table alive, turns over its secrets.</content>
public sealed partial class MainlineNode
{
    /// <summary>The most routers and bootstrap nodes together.</summary>
    public const int EntriesMax = 64;

    private const int UpkeepLookupsMax = 4;

    private static readonly TimeSpan JoinIntervalMin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan JoinIntervalMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan JoinIntervalOfOneFamily = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan SearchIntervalMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SearchIntervalMax = TimeSpan.FromMinutes(5);

    private readonly List<Endpoint> _routers = new(EntriesMax);
    private readonly List<Endpoint> _bootstrap = new(EntriesMax);
    private Instant _tokensRotatedAt;
    private Instant _joinDue;
    private TimeSpan _joinInterval = JoinIntervalMin;
    private Instant _searchDue;
    private TimeSpan _searchInterval = SearchIntervalMin;
    private int _contactsAtLastSearch;
    private bool _searchesIPv6;

    /// <summary>When <see cref="Tick"/> has something to do next.</summary>
    public Instant NextDeadline
    {
        get
        {
            Instant due = Instant.Min(_tasks.NextDue, _lookups.NextDue);
            Instant oldest = _transactions.OldestSentAt();
            due = oldest == Instant.Never ? due : Instant.Min(due, oldest + _options.QueryTimeout);
            Instant oldestOpen = _transactions.OldestOpenSentAt();
            return oldestOpen == Instant.Never ? due : Instant.Min(due, oldestOpen + _shortTimeout);
        }
    }

    /// <summary>
    /// Names a public router to join through. It is asked whenever a table is empty, and never enters it: routers serve everybody and
    /// would crowd every table.
    /// </summary>
    /// <returns>False when <see cref="EntriesMax"/> are known already.</returns>
    public bool AddRouter(in Endpoint router) => AddEntry(_routers, router);

    /// <summary>
    /// Names an ordinary node to join through, one from an earlier run perhaps. It is asked whenever a table is empty, and enters it
    /// when it answers.
    /// </summary>
    /// <returns>False when <see cref="EntriesMax"/> are known already.</returns>
    public bool AddBootstrap(in Endpoint node) => AddEntry(_bootstrap, node);

    /// <summary>Does what is due.</summary>
    public void Tick(Instant now)
    {
        _now = now;
        NoticeLateQueries(now);
        ExpireQueries(now);
        _tasks.Run(this, now);
        _lookups.Tick(now);
    }

    internal void RotateTokens(Instant now)
    {
        // After a long sleep the last secret is as old as the one before it.
        bool isLate = now - _tokensRotatedAt > 2 * TokenVault.RotationInterval;
        _tokensRotatedAt = now;
        _tokens.Rotate();
        if (isLate)
        {
            _tokens.Rotate();
        }
    }

    /// <summary>
    /// Looks for our own id through the entries of each family whose table is empty. Where only one is, perhaps because there is no
    /// route in that family, it is tried ever more seldom, and the other is left in peace.
    /// </summary>
    internal void JoinWhereEmpty(Instant now)
    {
        bool apart = LacksContacts(IpFamily.IPv4) || LacksContacts(IpFamily.IPv6);
        if (ContactCount == 0 && _joinDue > now + JoinIntervalMax)
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
        TimeSpan longest = ContactCount == 0 ? JoinIntervalMax : JoinIntervalOfOneFamily;
        _joinInterval = TimeSpan.FromTicks(Math.Min(_joinInterval.Ticks * 2, longest.Ticks));
        _searchInterval = ContactCount == 0 ? SearchIntervalMin : _searchInterval;
        StartUpkeepLookup(IdOf(LacksContacts(IpFamily.IPv4) ? IpFamily.IPv4 : IpFamily.IPv6), now);
    }

    internal void PingStaleContacts(Instant now)
    {
        PingStaleContact(_tableIPv4, now);
        PingStaleContact(_tableIPv6, now);
    }

    internal void RefreshBuckets(Instant now)
    {
        RefreshBucket(_tableIPv4, now);
        RefreshBucket(_tableIPv6, now);
    }

    /// <summary>
    /// Looks for contacts near our own id: every second while the table grows, then ever more seldom, up to five minutes. Those
    /// near us are the ones whose questions we are expected to answer. The families take turns, for their ids may differ.
    /// </summary>
    internal void SearchNeighbourhood(Instant now)
    {
        if (now < _searchDue || ContactCount == 0)
        {
            return;
        }

        bool grew = ContactCount > _contactsAtLastSearch;
        _contactsAtLastSearch = ContactCount;
        _searchInterval = grew ? SearchIntervalMin : TimeSpan.FromTicks(Math.Min(_searchInterval.Ticks * 2, SearchIntervalMax.Ticks));
        _searchDue = now + _searchInterval;
        bool hasIPv6 = _tableIPv6.Count > 0;
        _searchesIPv6 = _tableIPv4.Count == 0 || (hasIPv6 && !_searchesIPv6);
        NodeId id = IdOf(_searchesIPv6 ? IpFamily.IPv6 : IpFamily.IPv4);
        StartUpkeepLookup(id.RandomWithCommonPrefix(NodeId.Bits - 32, _random), now);
    }

    private void StartUpkeep(Instant now)
    {
        _joinDue = now;
        _searchDue = now;
        _tokensRotatedAt = now;
        _tasks.Follow(now);
        _tasks.MakeDue(NodeTasks.Join);
    }

    internal bool IsRouter(in Endpoint endpoint) => _routers.Count > 0 && _routers.Contains(endpoint);

    private bool AddEntry(List<Endpoint> entries, in Endpoint entry)
    {
        if (entries.Contains(entry))
        {
            return true;
        }

        if (_routers.Count + _bootstrap.Count == EntriesMax)
        {
            return false;
        }

        entries.Add(entry);
        _joinDue = Instant.Zero;
        _tasks.MakeDue(NodeTasks.Join);
        return true;
    }

    /// <summary>Whether a family has nobody in its table, and somebody to ask about it.</summary>
    private bool LacksContacts(IpFamily family) =>
        _outbox.Reaches(family) && Table(family).Count == 0 && (HasAny(_bootstrap, family) || HasAny(_routers, family) || SavedCount(family) > 0);

    private static bool HasAny(List<Endpoint> entries, IpFamily family)
    {
        foreach (Endpoint entry in entries)
        {
            if (entry.Family == family)
            {
                return true;
            }
        }

        return false;
    }

    private void PingStaleContact(IRoutingTable table, Instant now)
    {
        if (table.TryGetStale(now, out CompactNode stale))
        {
            PingExpecting(stale.Id, stale.Endpoint, now);
        }
    }

    private void RefreshBucket(IRoutingTable table, Instant now)
    {
        if (table.Count > 0 && _lookups.UpkeepCount < UpkeepLookupsMax && table.TryGetRefreshTarget(now, _random, out NodeId target))
        {
            StartUpkeepLookup(target, now);
        }
    }

    private void StartUpkeepLookup(in NodeId target, Instant now)
    {
        if (_lookups.UpkeepCount < UpkeepLookupsMax)
        {
            _lookups.TryStart(new LookupRequest { Kind = LookupKind.Upkeep, Target = target }, now, out _);
        }
    }

    /// <summary>
    /// What an answer teaches: who is alive, and how others see us. Contacts that it names are hearsay; they enter a table only when
    /// they have answered us, which a lookup asks of the near ones.
    /// </summary>
    private void Learn(in KrpcMessage response, in Endpoint source, Instant now)
    {
        NodeId sender = response.SenderId;
        if (!IsRouter(source) && IsTrusted(sender, source))
        {
            Table(source.Family).Insert(sender, source, now);
        }

        CountVote(response, source);
    }

    /// <summary>Whether the id fits the address, where we insist on that (BEP 42).</summary>
    internal bool IsTrusted(in NodeId id, in Endpoint endpoint) => !_options.EnforceSecureIds || SecureNodeId.IsValid(id, endpoint);

    /// <summary>An asker that is in the table has shown life (BEP 5); one that would be welcome there is pinged first.</summary>
    private void NoticeAsker(in NodeId id, in Endpoint source, Instant now)
    {
        try
        {
            Table(source.Family).MarkHeard(id, source, now);
            ConsiderVerifying(id, source, now);
        }
        catch (Exception fault)
        {
            Report(fault);
        }
    }

    private void ConsiderVerifying(in NodeId id, in Endpoint endpoint, Instant now)
    {
        // Half of the slots stay free for what users ask, whatever strangers make us verify.
        if (id != IdOf(endpoint.Family) && IsTrusted(id, endpoint) && _transactions.Count < _transactions.Capacity / 2 && !IsRouter(endpoint)
            && Table(endpoint.Family).Wants(id, endpoint) && _verifyThrottle.HasRoom(endpoint, now)
            && PingExpecting(id, endpoint, now))
        {
            // Counted only now: a ping that found no room would else keep an honest contact out until the limit is over.
            _verifyThrottle.TryPass(endpoint, now);
        }
    }

    private bool PingExpecting(in NodeId id, in Endpoint endpoint, Instant now)
    {
        if (Ping(endpoint, now) != AskResult.Sent)
        {
            return false;
        }

        ExpectId(id, insist: true);
        return true;
    }

    /// <summary>Notes whom the query that was opened last has asked.</summary>
    /// <param name="id">The id that the contact is known by.</param>
    /// <param name="insist">Whether an answer counts only if it bears this id.</param>
    internal void ExpectId(in NodeId id, bool insist)
    {
        ref NodeQuery query = ref _transactions.State(_transactions.NewestSlot);
        query.ExpectedId = id;
        query.HasExpectedId = true;
        query.InsistsOnId = insist;
    }
}
