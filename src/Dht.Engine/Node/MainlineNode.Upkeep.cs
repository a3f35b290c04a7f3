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

    private static readonly TimeSpan UpkeepInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RejoinInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ExpireInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SearchIntervalMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SearchIntervalMax = TimeSpan.FromMinutes(5);

    private readonly List<Endpoint> _routers = new(EntriesMax);
    private readonly List<Endpoint> _bootstrap = new(EntriesMax);
    private Instant _upkeepDue;
    private Instant _rejoinDue;
    private Instant _rotateDue;
    private Instant _expireDue;
    private Instant _searchDue;
    private TimeSpan _searchInterval = SearchIntervalMin;
    private int _contactsAtLastSearch;

    /// <summary>When <see cref="Tick"/> has something to do next.</summary>
    public Instant NextDeadline
    {
        get
        {
            Instant oldest = _transactions.OldestSentAt();
            return oldest == Instant.Never ? _upkeepDue : Instant.Min(_upkeepDue, oldest + _options.QueryTimeout);
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
        ExpireQueries(now);
        if (now < _upkeepDue)
        {
            return;
        }

        _upkeepDue = now + UpkeepInterval;
        if (now >= _rotateDue)
        {
            _rotateDue = now + TokenVault.RotationInterval;
            _tokens.Rotate();
        }

        if (now >= _expireDue)
        {
            _expireDue = now + ExpireInterval;
            Peers.Expire(now);
        }

        Rejoin(now);
        RefreshTable(_tableIPv4, now);
        RefreshTable(_tableIPv6, now);
        SearchNeighbourhood(now);
    }

    private void StartUpkeep(Instant now)
    {
        _upkeepDue = now;
        _rejoinDue = now;
        _searchDue = now;
        _rotateDue = now + TokenVault.RotationInterval;
        _expireDue = now + ExpireInterval;
    }

    private bool IsRouter(in Endpoint endpoint) => _routers.Count > 0 && _routers.Contains(endpoint);

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
        _rejoinDue = Instant.Zero;
        _upkeepDue = Instant.Zero;
        return true;
    }

    /// <summary>Asks the entries of each family whose table is empty.</summary>
    private void Rejoin(Instant now)
    {
        bool both = _tableIPv4.Count > 0 && _tableIPv6.Count > 0;
        if (both || now < _rejoinDue)
        {
            return;
        }

        _rejoinDue = now + RejoinInterval;
        _searchInterval = ContactCount == 0 ? SearchIntervalMin : _searchInterval;
        JoinThrough(_bootstrap, now);
        JoinThrough(_routers, now);
    }

    private void JoinThrough(List<Endpoint> entries, Instant now)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            if (Table(entries[i].Kind).Count == 0)
            {
                FindNode(entries[i], Id, _outbox.Want, now);
            }
        }
    }

    private void RefreshTable(IRoutingTable table, Instant now)
    {
        if (table.TryGetStale(now, out CompactNode stale))
        {
            PingExpecting(stale.Id, stale.Endpoint, now);
        }

        if (table.TryGetRefreshTarget(now, _random, out NodeId target))
        {
            AskNearest(table, target, now);
        }
    }

    /// <summary>
    /// Looks for contacts near our own id: every second while the table grows, then ever more seldom, up to five minutes. Those
    /// near us are the ones whose questions we are expected to answer.
    /// </summary>
    private void SearchNeighbourhood(Instant now)
    {
        if (now < _searchDue)
        {
            return;
        }

        bool grew = ContactCount > _contactsAtLastSearch;
        _contactsAtLastSearch = ContactCount;
        _searchInterval = grew ? SearchIntervalMin : TimeSpan.FromTicks(Math.Min(_searchInterval.Ticks * 2, SearchIntervalMax.Ticks));
        _searchDue = now + _searchInterval;
        NodeId target = Id.RandomWithCommonPrefix(NodeId.Bits - 32, _random);
        AskNearest(_tableIPv4, target, now);
        AskNearest(_tableIPv6, target, now);
    }

    private void AskNearest(IRoutingTable table, in NodeId target, Instant now)
    {
        const int asked = 3;
        Span<byte> wire = stackalloc byte[asked * CompactNode.SizeIPv6];
        int length = table.CopyClosest(target, Id, wire[..(asked * CompactNode.SizeOf(table.Kind))]);
        foreach (CompactNode contact in new CompactNodes(wire[..length], table.Kind))
        {
            if (FindNode(contact.Endpoint, target, _outbox.Want, now) == AskResult.Sent)
            {
                ExpectId(contact.Id);
            }
        }
    }

    /// <summary>Contacts named in a reply are hearsay: those that the table wants are pinged, and enter when they answer.</summary>
    private void ConsiderContacts(CompactNodes contacts, Instant now)
    {
        const int consideredMax = 16;
        int count = Math.Min(contacts.Count, consideredMax);
        for (int i = 0; i < count; i++)
        {
            CompactNode contact = contacts[i];
            ConsiderVerifying(contact.Id, contact.Endpoint, now);
        }
    }

    private void ConsiderVerifying(in NodeId id, in Endpoint endpoint, Instant now)
    {
        // Half of the slots stay free for what users ask, whatever strangers make us verify.
        if (id != Id && _transactions.Count < _transactions.Capacity / 2 && !IsRouter(endpoint)
            && Table(endpoint.Kind).Wants(id, endpoint) && _verifyThrottle.HasRoom(endpoint, now)
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

        ExpectId(id);
        return true;
    }

    /// <summary>Makes an answer to the query that was opened last count only if it bears this id.</summary>
    private void ExpectId(in NodeId id)
    {
        ref NodeQuery query = ref _transactions.State(_transactions.NewestSlot);
        query.ExpectedId = id;
        query.HasExpectedId = true;
    }
}
