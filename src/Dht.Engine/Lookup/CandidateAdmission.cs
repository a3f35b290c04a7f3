using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Lookup;

/// <summary>
/// Who becomes a candidate, and who may stay one: how much of a reply is looked at, and which ids, endpoints and sites
/// are open. An id that has not answered is open to other endpoints: otherwise a liar who names the closest nodes with
/// false ones would hide them.
/// </summary>
internal sealed class CandidateAdmission
{
    private const int None = CandidateSlots.None;

    private readonly CandidateSetOptions _options;
    private readonly CandidateSlots _slots;
    private readonly CandidateOrder _order;
    private readonly AskSchedule _schedule;
    private readonly ClosestAnswered _closest;
    private NodeId _self;
    private int _reply;
    private int _replyRoom;

    public CandidateAdmission(
        CandidateSetOptions options,
        CandidateSlots slots,
        CandidateOrder order,
        AskSchedule schedule,
        ClosestAnswered closest)
    {
        _options = options;
        _slots = slots;
        _order = order;
        _schedule = schedule;
        _closest = closest;
    }

    /// <summary>Whether the current reply may still add contacts.</summary>
    public bool HasReplyRoom => _replyRoom > 0;

    /// <summary>Starts another search, with contacts of which any number is looked at.</summary>
    public void Begin(in NodeId self)
    {
        _self = self;
        _reply = 0;
        _replyRoom = int.MaxValue;
    }

    /// <summary>Opens the list of contacts of one reply.</summary>
    public void BeginReply()
    {
        _reply++;
        _replyRoom = _options.ContactsPerReplyMax;
    }

    /// <summary>Whether it is our own id.</summary>
    public bool IsSelf(in NodeId id) => id == _self;

    /// <summary>Makes a candidate of a contact; false when it is refused.</summary>
    public bool TryAdd(in NodeId id, in Endpoint endpoint)
    {
        if (_replyRoom == 0)
        {
            return false;
        }

        _replyRoom--;
        if (IsSelf(id) || _closest.IsBeyond(id))
        {
            return false;
        }

        ulong hash = _slots.HashOf(endpoint);
        ulong site = _slots.SiteHashOf(endpoint);
        ulong block = _slots.BlockHashOf(endpoint);
        int place = _order.PlaceFor(id);
        if (IsKnown(hash) || IsIdTaken(id, place) || (!_options.AllowSharedAddresses && IsSiteTaken(site))
            || IsBlockSpent(block) || _closest.IsNetworkFull(endpoint, place) || !TryMakeRoom(ref place))
        {
            return false;
        }

        int slot = _slots.Take(new CompactNode(id, endpoint), _reply, hash, site, block);
        _schedule.Enter(slot);
        _order.Insert(place, slot);
        return true;
    }

    /// <summary>Takes an endpoint as an entry point; false when it is refused.</summary>
    public bool TryAddEntry(in Endpoint endpoint)
    {
        ulong hash = _slots.HashOf(endpoint);
        if (_slots.EntryCount == _options.EntriesMax || IsKnown(hash))
        {
            return false;
        }

        _schedule.Enter(_slots.TakeEntry(endpoint, _reply, hash));
        return true;
    }

    /// <summary>
    /// Makes a candidate of an entry point that has answered; false when there is no use or no room for it.
    /// </summary>
    public bool TryConvertEntry(int slot, in NodeId id)
    {
        int place = _order.PlaceFor(id);
        if (_closest.IsBeyond(id) || !TryMakeRoom(ref place))
        {
            return false;
        }

        _slots.ConvertEntry(slot, id);
        _order.Insert(place, slot);
        return true;
    }

    /// <summary>
    /// Whether a candidate that comes back to be asked cannot be among the closest: by its distance, by one of its id
    /// or site that has answered, or by its network's quota.
    /// </summary>
    public bool IsUseless(int slot) => _closest.IsBeyond(_slots[slot].Contact.Id) || IsOutdone(slot);

    /// <summary>
    /// Whether the answer of a candidate does not count: the first of an id or a site to answer does, and a network has
    /// a quota of nearer ones.
    /// </summary>
    public bool IsOutdone(int slot) =>
        HasRivals(slot) || _closest.IsNetworkFull(_slots[slot].Contact.Endpoint, _order.PlaceOf(slot));

    /// <summary>Drops the fresh candidates with the id or the site of one that has answered.</summary>
    public void DropRivals(int slot)
    {
        NodeId id = _slots[slot].Contact.Id;
        for (int place = _order.PlaceFor(id) - 1; IsAt(place, id); place--)
        {
            if (_slots.StateOf(_order[place]) == CandidateState.Fresh)
            {
                _order.DropAt(place);
            }
        }

        ulong site = _slots.SiteHashAt(slot);
        for (int rival = FirstOfSite(site); rival != None; rival = _slots.NextOfSite(site, rival))
        {
            if (_slots.StateOf(rival) == CandidateState.Fresh)
            {
                _order.DropAt(_order.PlaceOf(rival));
            }
        }
    }

    private bool HasRivals(int slot)
    {
        NodeId id = _slots[slot].Contact.Id;
        for (int place = _order.PlaceFor(id) - 1; IsAt(place, id); place--)
        {
            if (HasAnswered(_order[place]))
            {
                return true;
            }
        }

        ulong site = _slots.SiteHashAt(slot);
        for (int rival = FirstOfSite(site); rival != None; rival = _slots.NextOfSite(site, rival))
        {
            if (HasAnswered(rival))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAt(int place, in NodeId id) => place >= 0 && _slots[_order[place]].Contact.Id == id;

    private int FirstOfSite(ulong site) =>
        _options.AllowSharedAddresses ? None : _slots.NextOfSite(site, CandidateSlots.None);

    private bool IsKnown(ulong hash) => _schedule.WasAsked(hash) || _slots.HoldsEndpoint(hash);

    private bool IsIdTaken(in NodeId id, int place)
    {
        for (int i = place - 1; IsAt(i, id); i--)
        {
            if (IsClosed(_order[i]))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsSiteTaken(ulong site)
    {
        int attempts = _schedule.AttemptsAt(site);
        for (int slot = FirstOfSite(site); slot != None; slot = _slots.NextOfSite(site, slot))
        {
            if (IsClosed(slot))
            {
                return true;
            }

            // One that was taken before is counted among the attempts.
            attempts += _schedule.AskedAs(slot) == 0 ? 1 : 0;
        }

        return attempts >= _options.EndpointsPerSiteMax;
    }

    private bool IsBlockSpent(ulong block)
    {
        if (_options.QueriesPerBlockMax == 0 || _options.AllowSharedAddresses)
        {
            return false;
        }

        int attempts = _schedule.AttemptsInBlock(block);
        for (int slot = _slots.NextOfBlock(block, None); slot != None; slot = _slots.NextOfBlock(block, slot))
        {
            attempts += _schedule.AskedAs(slot) == 0 ? 1 : 0;
        }

        return attempts >= _options.QueriesPerBlockMax;
    }

    private bool IsClosed(int slot) =>
        HasAnswered(slot) || _slots[slot].Reply == _reply;

    private bool HasAnswered(int slot) =>
        _slots.StateOf(slot) is CandidateState.Answered or CandidateState.Bystander;

    /// <summary>
    /// Makes room in a full set for a newcomer: the farthest fresh one goes, if it is farther. With none fresh, the one
    /// that has been late the longest goes, which is as good as dead; so silent made-up contacts cannot shut the set.
    /// </summary>
    private bool TryMakeRoom(ref int place)
    {
        if (!_order.IsFull)
        {
            return true;
        }

        bool isAnyFresh = _slots.CountIn(CandidateState.Fresh) > 0;
        int victim = isAnyFresh ? PlaceOfFarthestFresh() : PlaceOfLongestLate();
        if (victim == None || (isAnyFresh && victim < place))
        {
            return false;
        }

        _order.DropAt(victim);
        place -= victim < place ? 1 : 0;
        return true;
    }

    private int PlaceOfFarthestFresh()
    {
        int place = _order.Count - 1;
        while (_slots.StateOf(_order[place]) != CandidateState.Fresh)
        {
            place--;
        }

        return place;
    }

    private int PlaceOfLongestLate()
    {
        int longest = None;
        for (int place = 0; place < _order.Count; place++)
        {
            if (_slots.StateOf(_order[place]) == CandidateState.Late
                && (longest == None || _schedule.AskedAs(_order[place]) < _schedule.AskedAs(_order[longest])))
            {
                longest = place;
            }
        }

        return longest;
    }
}
