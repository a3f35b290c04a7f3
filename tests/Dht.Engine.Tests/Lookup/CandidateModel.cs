using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Lookup;

namespace Dht.Engine.Tests.Lookup;

/// <summary>What a candidate set should do, written slowly.</summary>
internal sealed class CandidateModel(CandidateSetOptions options, NodeId target, NodeId self)
{
    private readonly List<Item> _items = [];
    private readonly HashSet<Endpoint> _asked = [];
    private readonly List<Endpoint> _askedSites = [];
    private int _room = int.MaxValue;
    private int _reply;
    private int _takes;
    private int _pass;
    private int _sequence;

    public enum State
    {
        Fresh,
        InFlight,
        Late,
        Answered,
        Bystander,
    }

    public int Asked { get; private set; }

    public int Answered { get; private set; }

    public IReadOnlyList<Item> Items => _items;

    public List<Item> Ordered => [.. _items.Where(item => !item.IsEntry)
        .OrderBy(item => item.Id.DistanceTo(target)).ThenBy(item => item.Sequence)];

    public List<Item> Closest => [.. Ordered.Where(item => item.State == State.Answered)];

    public int InFlight => _items.Count(item => item.State == State.InFlight);

    public bool IsComplete => Closest.Count < options.K
        ? !_items.Any(item => item.State is State.InFlight or State.Late
            || (item.State == State.Fresh && _takes < options.QueriesMax))
        : (_takes == options.QueriesMax && InFlight == 0)
            || !Nearer.Any(item => item.State is State.Fresh or State.InFlight);

    public bool IsSettled => IsComplete && !Nearer.Any(item => item.State == State.Late);

    private IEnumerable<Item> Nearer => Closest.Count < options.K
        ? _items
        : Ordered.TakeWhile(item => item != Closest[^1]);

    public void BeginReply()
    {
        _reply++;
        _room = options.ContactsPerReplyMax;
    }

    public bool Add(NodeId id, Endpoint endpoint)
    {
        if (_room == 0)
        {
            return false;
        }

        _room--;
        Item[] sameSite = [.. _items.Where(item => !item.IsEntry && item.Endpoint.HasSameSite(endpoint))];
        int attempts = sameSite.Count(item => !item.WasTaken) + _askedSites.Count(site => site.HasSameSite(endpoint));
        bool isSiteTaken = !options.AllowSharedAddresses
            && (sameSite.Any(IsClosed) || attempts >= options.EndpointsPerSiteMax);
        if (id == self || IsUseless(id) || _asked.Contains(endpoint) || _items.Any(item => item.Endpoint == endpoint)
            || _items.Any(item => !item.IsEntry && item.Id == id && IsClosed(item)) || isSiteTaken || !MakeRoom(id))
        {
            return false;
        }

        _items.Add(new Item { Id = id, Endpoint = endpoint, Reply = _reply, Sequence = _sequence++ });
        return true;
    }

    public bool AddEntry(Endpoint endpoint)
    {
        if (_asked.Contains(endpoint) || _items.Any(item => item.Endpoint == endpoint)
            || _items.Count(item => item.IsEntry) == options.EntriesMax)
        {
            return false;
        }

        _items.Add(new Item { Endpoint = endpoint, IsEntry = true, Sequence = _sequence++ });
        return true;
    }

    public Item? TakeNext()
    {
        Item? next = _takes == options.QueriesMax ? null : PickEntry() ?? Pick();
        if (next == null)
        {
            _pass++;
            return null;
        }

        if (!next.WasTaken)
        {
            _asked.Add(next.Endpoint);
            if (!next.IsEntry)
            {
                _askedSites.Add(next.Endpoint);
            }
        }

        next.WasTaken = true;
        next.TakenAs = _takes++;
        next.State = State.InFlight;
        Asked++;
        return next;
    }

    public bool Answer(Item item, NodeId sender, bool isResult = true)
    {
        if (!_items.Contains(item) || item.State is not (State.InFlight or State.Late))
        {
            return false;
        }

        if (sender == self)
        {
            _items.Remove(item);
            return false;
        }

        Answered++;
        BeginReply();
        if (item.IsEntry || _items.Any(other => IsRival(other, item, sender) && HasAnswered(other)))
        {
            _items.Remove(item);
            return true;
        }

        item.Sequence = sender == item.Id ? item.Sequence : _sequence++;
        item.Id = sender;
        item.State = isResult ? State.Answered : State.Bystander;
        _items.RemoveAll(other => IsRival(other, item, sender) && other.State == State.Fresh);
        foreach (Item far in Closest.Skip(options.K))
        {
            _items.Remove(far);
        }

        foreach (Item far in Ordered.Where(static other => other.State == State.Bystander).Skip(options.K))
        {
            _items.Remove(far);
        }

        foreach (Item useless in Ordered.Where(
            other => other.State is State.Fresh or State.Bystander && IsUseless(other.Id)))
        {
            _items.Remove(useless);
        }

        return true;
    }

    public bool Late(Item item)
    {
        bool isInFlight = _items.Contains(item) && item.State == State.InFlight;
        item.State = isInFlight ? State.Late : item.State;
        return isInFlight;
    }

    public bool Fail(Item item) => !HasAnswered(item) && _items.Remove(item);

    public bool Refuse(Item item)
    {
        if (!_items.Contains(item) || item.State is not (State.InFlight or State.Late))
        {
            return false;
        }

        bool mayHold = item.Refusals < options.RefusalsMax && _takes < options.QueriesMax;
        item.State = mayHold ? State.Fresh : item.State;
        item.Refusals += mayHold ? 1 : 0;
        item.IsHeld = mayHold;
        if (mayHold && (item.IsEntry || !(IsUseless(item.Id)
            || _items.Any(other => IsRival(other, item, item.Id) && HasAnswered(other)))))
        {
            return true;
        }

        _items.Remove(item);
        return false;
    }

    public void Rouse(Item item) => item.IsHeld = false;

    public bool Defer(Item item)
    {
        if (!_items.Contains(item) || item.State != State.InFlight)
        {
            return false;
        }

        Asked--;
        item.State = State.Fresh;
        item.DeferredIn = _pass;
        if (++item.Deferrals > options.DeferralsMax)
        {
            Fail(item);
        }
        else if (!item.IsEntry && (IsUseless(item.Id)
            || _items.Any(other => IsRival(other, item, item.Id) && HasAnswered(other))))
        {
            _items.Remove(item);
        }

        return true;
    }

    private static bool HasAnswered(Item item) => item.State is State.Answered or State.Bystander;

    private bool IsClosed(Item item) => HasAnswered(item) || item.Reply == _reply;

    private bool IsRival(Item other, Item item, NodeId id) => other != item && !other.IsEntry
        && (other.Id == id || (!options.AllowSharedAddresses && other.Endpoint.HasSameSite(item.Endpoint)));

    private bool IsUseless(NodeId id) => Closest.Count >= options.K
        && id.DistanceTo(target) >= Closest[options.K - 1].Id.DistanceTo(target);

    private bool MakeRoom(NodeId id)
    {
        List<Item> ordered = Ordered;
        if (ordered.Count < options.Capacity)
        {
            return true;
        }

        Item? victim = ordered.LastOrDefault(item => item.State == State.Fresh);
        if (victim != null)
        {
            return victim.Id.DistanceTo(target) > id.DistanceTo(target) && _items.Remove(victim);
        }

        victim = ordered.Where(item => item.State == State.Late).MinBy(item => item.TakenAs);
        return victim != null && _items.Remove(victim);
    }

    private bool MayTake(Item item) => item.State == State.Fresh && item.DeferredIn != _pass && !item.IsHeld;

    private Item? PickEntry() => Closest.Count >= options.K
        ? null
        : _items.Where(item => item.IsEntry && MayTake(item))
            .OrderBy(item => item.Deferrals)
            .ThenBy(item => item.Sequence)
            .FirstOrDefault();

    private Item? Pick()
    {
        List<Item> ordered = Ordered;
        int inFlight = ordered.Count(item => item.State == State.InFlight);
        Item? next = ordered.Where(MayTake).OrderBy(item => item.Deferrals).FirstOrDefault();
        if (next == null || inFlight >= options.InFlightMax)
        {
            return null;
        }

        bool isInWindow = ordered.Where(item => item.State != State.Late).Take(options.Window).Contains(next);
        return inFlight < options.Alpha || isInWindow ? next : null;
    }

    public sealed class Item
    {
        public NodeId Id { get; set; }

        public Endpoint Endpoint { get; init; }

        public bool IsEntry { get; init; }

        public State State { get; set; }

        public int Reply { get; init; }

        public int Sequence { get; set; }

        public int Deferrals { get; set; }

        public int DeferredIn { get; set; } = -1;

        public bool WasTaken { get; set; }

        public int TakenAs { get; set; }

        public int Refusals { get; set; }

        public bool IsHeld { get; set; }

        public byte[] Token { get; set; } = [];
    }
}
