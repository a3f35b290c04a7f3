using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Models;

/// <summary>
/// What the two tables are meant to do, written as plainly as can be: one list of everybody, searched from end to
/// end.
/// </summary>
public sealed partial class TableModel(RoutingTableKind kind, NodeId self, IpFamily family, RoutingTableOptions options)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(30);

    private readonly HashSet<int> _contested = [];
    private readonly Instant[] _refreshed = new Instant[160];
    private readonly bool[] _searched = new bool[160];

    public List<Entry> Held { get; } = [];

    public List<Entry> Waiting { get; } = [];

    public List<string> Events { get; } = [];

    public NodeId Self { get; private set; } = self;

    public int Buckets { get; private set; } = kind == RoutingTableKind.Mainline ? 1 : 160;

    private bool IsMainline => kind == RoutingTableKind.Mainline;

    private int NetworkPlaces => !IsMainline || family == IpFamily.IPv6 ? 2 : 1;

    public bool Wants(NodeId id, Endpoint endpoint) =>
        id != Self && endpoint.Family == family && !Held.Any(e => e.Id == id)
        && IsFree(id, endpoint)
        && (HasRoom(id) || Victim(id) != null
            || (WaitingWith(id).Count() < options.CacheSize && WaitingWith(id).All(e => e.Id != id)
                && MayWait(id, endpoint)));

    public bool Insert(NodeId id, Endpoint endpoint, Instant now)
    {
        if (id == Self || endpoint.Family != family)
        {
            return false;
        }

        if (Held.Find(e => e.Id == id) is { } known)
        {
            return Renew(known, endpoint, now);
        }

        if (!IsFree(id, endpoint))
        {
            return false;
        }

        Entry? victim = null;
        if (!HasRoom(id))
        {
            victim = Victim(id);
            if (victim == null)
            {
                Wait(new Entry(id, endpoint, now));
                return false;
            }

            Held.Remove(victim);
        }

        Waiting.RemoveAll(e => e.Id == id);
        RemoveFirstWaiting(e => List(e.Id) == List(id) && IsSameSite(e.Endpoint, endpoint));
        Enter(new Entry(id, endpoint, now));
        _refreshed[List(id)] = now;
        Tell("lost", victim);
        Tell("found", Held[^1]);
        return true;
    }

    public void Fail(NodeId id, Endpoint endpoint)
    {
        if (Held.Find(e => e.Id == id && e.Endpoint == endpoint) is not { } entry
            || ++entry.Failures <= options.FailuresAllowed)
        {
            return;
        }

        Lose(entry);
    }

    public void Replaced(NodeId id, Endpoint endpoint)
    {
        if (Held.Find(e => e.Id == id && e.Endpoint == endpoint) is { } entry)
        {
            Lose(entry);
        }
    }

    /// <summary>Who keeps a newcomer of its site out, and has been silent for 15 seconds.</summary>
    public Entry? Rival(NodeId id, Endpoint endpoint, Instant now) => endpoint.Family == family
        && !options.AllowSharedAddresses
        && Held.Find(e => IsSameSite(e.Endpoint, endpoint)) is { } rival
        && (rival.Id != id || rival.Endpoint != endpoint)
        && now - rival.Answered >= TimeSpan.FromSeconds(15)
            ? rival
            : null;

    private void Lose(Entry entry)
    {
        NodeId id = entry.Id;
        Held.Remove(entry);
        Entry? next = null;
        while (next == null && WaitingWith(id).LastOrDefault() is { } candidate)
        {
            Waiting.Remove(candidate);
            next = IsFree(candidate.Id, candidate.Endpoint) ? candidate : null;
        }

        if (next != null)
        {
            Enter(next);
        }

        if (Held.Count == 0)
        {
            Array.Clear(_searched);
        }

        Tell("lost", entry);
        Tell("found", next);
    }

    public void Heard(NodeId id, Endpoint endpoint, Instant now)
    {
        if (Held.Find(e => e.Id == id && e.Endpoint == endpoint) is { } entry)
        {
            entry.Heard = now;
        }
    }

    public Entry? Stale(Instant now)
    {
        Entry? stale = null;
        foreach (int list in _contested.Order().ToArray())
        {
            Entry? silent = With(list).Where(e => Health(e, now) != ContactHealth.Good).MinBy(e => e.Answered);
            if (silent == null || With(list).Count() < Capacity(list) || !Waiting.Any(e => List(e.Id) == list))
            {
                _contested.Remove(list);
            }
            else if (silent.Offered == null || now - silent.Offered.Value >= Retry)
            {
                stale = silent;
                break;
            }
        }

        stale ??= Held.OrderBy(e => List(e.Id)).FirstOrDefault(e =>
            now - (e.Offered ?? e.Answered) >= (e.Failures > 0 ? Retry : options.StaleAfter));
        if (stale != null)
        {
            stale.Offered = now;
        }

        return stale;
    }

    /// <summary>How many bits the target of the next refresh shares with us, or -1.</summary>
    public int Refresh(Instant now)
    {
        int last = Held.Count == 0 ? -1 : Math.Min(159, 1 + Held.Max(e => List(e.Id)));
        for (int bucket = 0; bucket <= last; bucket++)
        {
            if (!_searched[bucket] || now - _refreshed[bucket] >= options.StaleAfter)
            {
                _searched[bucket] = true;
                _refreshed[bucket] = now;
                return bucket;
            }
        }

        return -1;
    }

    public void Rebase(NodeId self, Instant now)
    {
        if (self == Self)
        {
            return;
        }

        Self = self;
        Buckets = IsMainline ? 1 : 160;
        _contested.Clear();
        Array.Clear(_searched);
        Entry[] before = [.. Order(Held, now)];
        Entry[] waited = [.. Order(Waiting, now)];
        Held.Clear();
        Waiting.Clear();
        foreach (Entry entry in before.Concat(waited))
        {
            if (entry.Id != Self && HasRoom(entry.Id) && IsFree(entry.Id, entry.Endpoint)
                && Held.All(e => e.Id != entry.Id))
            {
                Enter(entry);
            }
        }

        IEnumerable<Entry> left = before.Concat(waited).Except(Held).Reverse();
        foreach (Entry entry in left.Where(e => e.Id != Self && e.Failures == 0 && !HasRoom(e.Id)))
        {
            if (Held.All(e => e.Id != entry.Id) && !IsSiteTaken(entry.Endpoint))
            {
                KeepWaiting(new Entry(entry.Id, entry.Endpoint, entry.Answered));
            }
        }

        Array.ForEach([.. before.Except(Held)], e => Tell("lost", e));
        Array.ForEach([.. waited.Intersect(Held)], e => Tell("found", e));
    }

    public ContactHealth Health(Entry entry, Instant now) => entry.Failures switch
    {
        >= 2 => ContactHealth.Bad,
        1 => ContactHealth.Questionable,
        _ => now - entry.Answered < options.StaleAfter || (entry.Heard is { } heard && now - heard < options.StaleAfter)
            ? ContactHealth.Good
            : ContactHealth.Questionable,
    };

    public static string Told(string what, NodeId id, Endpoint endpoint) => $"{what} {id} {endpoint}";

    private IEnumerable<Entry> Order(List<Entry> entries, Instant now) => entries
        .OrderBy(e => Health(e, now))
        .ThenByDescending(e => e.Answered)
        .ThenBy(e => e.Id.ToString(), StringComparer.Ordinal);

    private bool Renew(Entry known, Endpoint endpoint, Instant now)
    {
        string before = Told("lost", known.Id, known.Endpoint);
        bool moves = known.Endpoint != endpoint;
        if (moves)
        {
            if (known.Failures == 0
                || (!IsSameSite(known.Endpoint, endpoint) && IsSiteTaken(endpoint))
                || (!IsSameNetwork(known.Endpoint, endpoint) && IsNetworkFull(known.Id, endpoint)))
            {
                return false;
            }

            known.Endpoint = endpoint;
            known.Heard = null;
            RemoveFirstWaiting(e => List(e.Id) == List(known.Id) && IsSameSite(e.Endpoint, endpoint));
        }

        known.Failures = 0;
        known.Answered = now;
        known.Offered = null;
        _refreshed[List(known.Id)] = now;
        if (moves)
        {
            Events.Add(before);
            Tell("found", known);
        }

        return true;
    }

    private void RemoveFirstWaiting(Predicate<Entry> match)
    {
        int at = options.AllowSharedAddresses ? -1 : Waiting.FindIndex(match);
        if (at >= 0)
        {
            Waiting.RemoveAt(at);
        }
    }

    private void Enter(Entry entry)
    {
        Held.Add(entry);
        while (IsMainline && Buckets < 160 && Held.Count(e => Bucket(e.Id) == Buckets - 1) > Capacity(Buckets - 1))
        {
            Buckets++;
        }
    }

    private void Wait(Entry entry)
    {
        if (options.CacheSize > 0)
        {
            KeepWaiting(entry);
            _ = IsMainline && _contested.Add(List(entry.Id));
        }
    }

    private void KeepWaiting(Entry entry)
    {
        Waiting.RemoveAll(e => e.Id == entry.Id);
        if (options.CacheSize == 0 || !MayWait(entry.Id, entry.Endpoint))
        {
            return;
        }

        if (WaitingWith(entry.Id).Count() == options.CacheSize)
        {
            Waiting.Remove(WaitingWith(entry.Id).First());
        }

        Waiting.Add(entry);
    }

    private void Tell(string what, Entry? entry)
    {
        if (entry != null)
        {
            Events.Add(Told(what, entry.Id, entry.Endpoint));
        }
    }

    private int List(NodeId id) => Self.CommonPrefixLength(id);

    private int Bucket(NodeId id) => Math.Min(List(id), Buckets - 1);

    /// <summary>Networks have their places in all lists from here on together.</summary>
    private int Home =>
        IsMainline ? Buckets - 1 : Enumerable.Range(0, 160).First(list => With(list).Count() < Capacity(list));

    private int Capacity(int list) => !IsMainline || !options.ExtendedBuckets ? options.BucketSize : list switch
    {
        0 => 16 * options.BucketSize,
        1 => 8 * options.BucketSize,
        2 => 4 * options.BucketSize,
        3 => 2 * options.BucketSize,
        _ => options.BucketSize,
    };

    private IEnumerable<Entry> With(int list) => Held.Where(e => List(e.Id) == list);

    private IEnumerable<Entry> WaitingWith(NodeId id) => Waiting.Where(e => List(e.Id) == List(id));

    private bool HasRoom(NodeId id) => With(List(id)).Count() < Capacity(List(id));

    private Entry? Victim(NodeId id) =>
        With(List(id)).Where(e => e.Failures > (IsMainline ? 1 : 0)).MaxBy(e => e.Failures);

    private bool IsFree(NodeId id, Endpoint endpoint) => !IsSiteTaken(endpoint) && !IsNetworkFull(id, endpoint);

    private bool IsSiteTaken(Endpoint endpoint) =>
        !options.AllowSharedAddresses && Held.Any(e => IsSameSite(e.Endpoint, endpoint));

    private bool IsNetworkFull(NodeId id, Endpoint endpoint) => !options.AllowSharedAddresses
        && (IsShareFull(Held.Where(e => IsOneBucket(e.Id, id)), endpoint)
            || Held.Count(e => IsSameBlock(e.Endpoint, endpoint, 48)) >= 8
            || Held.Count(e => IsSameBlock(e.Endpoint, endpoint, 32)) >= 16);

    private bool IsShareFull(IEnumerable<Entry> entries, Endpoint endpoint) =>
        entries.Count(e => IsSameNetwork(e.Endpoint, endpoint)) >= NetworkPlaces
        || entries.Count(e => IsSameBlock(e.Endpoint, endpoint, 48)) >= 3
        || entries.Count(e => IsSameBlock(e.Endpoint, endpoint, 32)) >= 4;

    private bool IsOneBucket(NodeId one, NodeId other) => Math.Min(List(one), Home) == Math.Min(List(other), Home);

    private bool MayWait(NodeId id, Endpoint endpoint) => options.AllowSharedAddresses
        || (!WaitingWith(id).Any(e => IsSameSite(e.Endpoint, endpoint))
            && !IsShareFull(WaitingWith(id), endpoint));

    public sealed class Entry(NodeId id, Endpoint endpoint, Instant answered)
    {
        public NodeId Id => id;

        public Endpoint Endpoint { get; set; } = endpoint;

        public Instant Answered { get; set; } = answered;

        public Instant? Offered { get; set; }

        public Instant? Heard { get; set; }

        public int Failures { get; set; }

        public CompactNode Node => new(Id, Endpoint);
    }
}
