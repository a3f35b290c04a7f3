using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// The lookups of a node, in a bounded number of places. What a place needs is kept; it is
/// created on its first use, for as many as the node itself needs at the start.
/// </summary>
internal sealed partial class NodeLookups
{
    private readonly Func<NodeLookups, int, NodeLookup> _create;
    private readonly NodeLookup?[] _places;
    private readonly Stack<int> _free;
    private bool _isClosed;

    /// <param name="capacity">Places.</param>
    /// <param name="readyPlaces">Those whose lookups are created now.</param>
    /// <param name="create">Creates the lookup of a place.</param>
    public NodeLookups(int capacity, int readyPlaces, Func<NodeLookups, int, NodeLookup> create)
    {
        _create = create;
        _places = new NodeLookup?[capacity];
        _free = new Stack<int>(capacity);
        for (int i = capacity - 1; i >= 0; i--)
        {
            _free.Push(i);
        }

        for (int i = 0; i < readyPlaces; i++)
        {
            _places[i] = create(this, i);
        }
    }

    /// <summary>Lookups under way.</summary>
    public int Count => _places.Length - _free.Count;

    /// <summary>Of those, the node's own.</summary>
    public int UpkeepCount { get; private set; }

    /// <summary>Lookups that have ended, the node's own included.</summary>
    public long EndedCount { get; private set; }

    /// <summary>When <see cref="Tick"/> has something to do.</summary>
    public Instant NextDue { get; private set; } = Instant.Never;

    public bool TryStart(in LookupRequest request, Instant now, out LookupHandle handle)
    {
        handle = default;
        foreach (NodeLookup? running in _places)
        {
            if (running != null && running.TryTakeOver(request))
            {
                handle = new LookupHandle(running.Slot, running.Generation);
                return true;
            }
        }

        if (_isClosed || !_free.TryPeek(out int place))
        {
            return false;
        }

        NodeLookup lookup = _places[place] ??= _create(this, place);
        _free.Pop();
        UpkeepCount += request.Kind == LookupKind.Upkeep ? 1 : 0;
        Begin(lookup, request, now);
        handle = new LookupHandle(place, lookup.Generation);
        NextDue = Instant.Min(NextDue, now);
        return true;
    }

    // A random source that throws while the lookup is filled must not cost the place.
    private void Begin(NodeLookup lookup, in LookupRequest request, Instant now)
    {
        bool hasBegun = false;
        try
        {
            lookup.Begin(request, now);
            hasBegun = true;
        }
        finally
        {
            if (!hasBegun)
            {
                lookup.Abandon();
                UpkeepCount -= request.Kind == LookupKind.Upkeep ? 1 : 0;
                _free.Push(lookup.Slot);
            }
        }
    }

    public void Cancel(LookupHandle handle, Instant now)
    {
        if ((uint)handle.Slot < (uint)_places.Length && _places[handle.Slot] is { IsActive: true } lookup
            && lookup.Generation == handle.Generation)
        {
            lookup.End(LookupStatus.Cancelled, now);
        }
    }

    /// <summary>Lets those go on that could not send something before.</summary>
    public void Tick(Instant now)
    {
        if (now < NextDue)
        {
            return;
        }

        Instant next = Instant.Never;
        foreach (NodeLookup? lookup in _places)
        {
            if (lookup is { IsActive: true } && lookup.RetryAt <= now)
            {
                lookup.Step(now);
            }
        }

        foreach (NodeLookup? lookup in _places)
        {
            next = lookup is { IsActive: true } ? Instant.Min(next, lookup.RetryAt) : next;
        }

        NextDue = next;
    }

    /// <summary>Notes that a lookup wants to go on at an instant.</summary>
    public void Expect(Instant retryAt) => NextDue = Instant.Min(NextDue, retryAt);

    /// <summary>Ends all; from now on none can be started.</summary>
    public void Close(Instant now)
    {
        _isClosed = true;
        foreach (NodeLookup? lookup in _places)
        {
            if (lookup is { IsActive: true })
            {
                lookup.End(LookupStatus.Stopped, now);
            }
        }
    }

    /// <summary>Takes back a place whose lookup has ended.</summary>
    public void Release(NodeLookup lookup, LookupKind kind)
    {
        UpkeepCount -= kind == LookupKind.Upkeep ? 1 : 0;
        EndedCount++;
        _free.Push(lookup.Slot);
    }
}
