using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Lookup;

/// <summary>
/// The candidates of one iterative search (BEP 5) in one address family: whom to ask next, when the search is over, and which
/// contacts that answered are the closest. It knows no time and sends nothing; a driver takes candidates and reports what became
/// of them.
/// </summary>
/// <remarks>
/// <code>
/// _keys   [ first 64 bits of the distance ]  sorted, nearest first   -- searched
/// _order  [ slot                          ]  beside
/// _slots  [ contact, state, serial ...    ]  a candidate stays in its slot while the order changes around it
/// </code>
/// <para>The driver, for each search: <see cref="Begin"/>; <see cref="Add"/> contacts of the own table, <see cref="AddEntry"/> routers;
/// then after every event: take with <see cref="TryTakeNext"/> until it says false, and look at <see cref="IsComplete"/>. An answer is
/// <see cref="MarkAnswered(long, in NodeId)"/>, then <see cref="SetToken"/>, then <see cref="Add"/> for each contact that the answer
/// names.</para>
/// <para>Whoever answers may lie. A contact counts only once it has answered itself; one that fails leaves; of one reply only so many
/// contacts are looked at; no endpoint is asked twice, but for the silent among the nearest (<see cref="TryTakeAgain"/>). A contact
/// named before with a wrong address or port can still be found: an id is closed to others only by an answer, a site only by an answer
/// or after <see cref="CandidateSetOptions.EndpointsPerSiteMax"/> attempts. And <see cref="CandidateSetOptions.QueriesMax"/> ends every search.</para>
/// <para>Allocates only when made: meant to be kept and used for one search after another. One thread.</para>
/// </remarks>
public sealed partial class CandidateSet
{
    /// <summary>The longest write token that is kept, in bytes.</summary>
    public const int TokenSizeMax = 64;

    private const int SlotBits = 16;
    private const int None = -1;

    private readonly CandidateSetOptions _options;
    private readonly EndpointHasher _hasher;
    private readonly AskedKeys _asked;
    private readonly CandidateSlot[] _slots;
    private readonly byte[] _tokens;

    // By slot, apart from the rest so that they are searched at once; 0 where a slot is free (or an entry point has no site).
    private readonly ulong[] _endpointHashes;
    private readonly ulong[] _siteHashes;
    private readonly ushort[] _freeSlots;
    private readonly ushort[] _order;
    private readonly ulong[] _keys;
    private NodeId _target;
    private int _window;
    private NodeId _self;
    private uint _serial;
    private int _freeCount;
    private int _count;
    private int _entryCount;
    private int _reply;
    private int _replyRoom;

    /// <summary>Takes the memory for one search at a time.</summary>
    /// <param name="options">Bounds.</param>
    /// <param name="random">A key is drawn from it, so that nobody can aim endpoints at one place of a table. Not kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public CandidateSet(CandidateSetOptions options, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        _options = options;
        _hasher = new EndpointHasher(random.NextUInt64(), random.NextUInt64());
        int slots = options.Capacity + options.EntriesMax;
        _asked = new AskedKeys(2 * options.QueriesMax);
        _slots = new CandidateSlot[slots];
        _tokens = new byte[slots * TokenSizeMax];
        _endpointHashes = new ulong[slots];
        _siteHashes = new ulong[slots];
        _freeSlots = new ushort[slots];
        _order = new ushort[options.Capacity];
        _keys = new ulong[options.Capacity];
        Begin(default, default);
    }

    /// <summary>What is searched for.</summary>
    public NodeId Target => _target;

    /// <summary>Candidates kept now, without entry points.</summary>
    public int Count => _count;

    /// <summary>Whether the present reply may still add contacts; when false the rest of its list need not be read.</summary>
    public bool HasReplyRoom => _replyRoom > 0;

    /// <summary>Starts a search: forgets everything of the one before, whose handles mean nothing from now on.</summary>
    /// <param name="target">What is searched for.</param>
    /// <param name="self">Our own id, which is never a candidate.</param>
    /// <param name="isModest">Whether to ask no more than <see cref="CandidateSetOptions.Alpha"/> at once: for a search that has time.</param>
    public void Begin(in NodeId target, in NodeId self, bool isModest = false)
    {
        _window = isModest ? 0 : _options.Window;
        _repeatsMax = isModest ? 0 : _options.RepeatsMax;
        _target = target;
        _self = self;
        _asked.Clear();
        Array.Clear(_endpointHashes);
        Array.Clear(_siteHashes);
        _freeCount = _slots.Length;
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i].State = CandidateState.Free;
            _freeSlots[i] = (ushort)(_slots.Length - 1 - i);
        }

        _count = 0;
        _entryCount = 0;
        _reply = 0;
        _replyRoom = int.MaxValue;
        ResetAsking();
        ResetResults();
    }

    /// <summary>
    /// Opens the list of contacts of one reply: from now on at most <see cref="CandidateSetOptions.ContactsPerReplyMax"/> are looked
    /// at. <see cref="MarkAnswered(long, in NodeId)"/> does this too; call it for contacts that come another way, such as those of
    /// this family in a reply of the other one.
    /// </summary>
    public void BeginReply()
    {
        _reply++;
        _replyRoom = _options.ContactsPerReplyMax;
    }

    /// <summary>
    /// Offers a contact. Refused are our own id; an endpoint that is or was a candidate; an id, or a site, of which one has answered
    /// or which the same reply named already; a site that was asked too often; what is farther than as many of its network that answered
    /// as may be; what cannot be among the closest any more; and what is farther than every fresh one when the set is full. The address
    /// policy is the driver's to ask.
    /// </summary>
    /// <returns>Whether it is a candidate now.</returns>
    public bool Add(in NodeId id, in Endpoint endpoint)
    {
        if (_replyRoom == 0)
        {
            return false;
        }

        _replyRoom--;
        ulong key = KeyOf(id);
        if (id == _self || IsBeyondClosest(id))
        {
            return false;
        }

        ulong hash = NonZero(_hasher.Hash(endpoint));
        ulong site = NonZero(_hasher.HashSite(endpoint));
        int place = PlaceBehind(id, key);
        if (IsKnown(hash) || IsIdTaken(id, place) || (!_options.AllowSharedAddresses && IsSiteTaken(site))
            || IsNetworkFull(endpoint, place) || (_count == _options.Capacity && !TryMakeRoom(ref place)))
        {
            return false;
        }

        int slot = TakeSlot(new CompactNode(id, endpoint), hash);
        _siteHashes[slot] = site;
        InsertAt(place, slot, key);
        _fresh++;
        return true;
    }

    /// <summary>
    /// Offers an endpoint without a known id, such as a router. It is asked before all others and beside them, has no distance, and
    /// is never among the closest. Refused when it is or was a candidate, and when there are too many.
    /// </summary>
    /// <returns>Whether it will be asked.</returns>
    public bool AddEntry(in Endpoint endpoint)
    {
        ulong hash = NonZero(_hasher.Hash(endpoint));
        if (_entryCount == _options.EntriesMax || IsKnown(hash))
        {
            return false;
        }

        int slot = TakeSlot(new CompactNode(default, endpoint), hash);
        _slots[slot].IsEntry = true;
        _entryCount++;
        _freshEntries++;
        return true;
    }

    private static ulong NonZero(ulong hash) => hash == 0 ? 1 : hash;

    private bool IsKnown(ulong hash) => _asked.CountOf(hash) > 0 || _endpointHashes.AsSpan().Contains(hash);

    // An id that has not answered is open to other endpoints: else a liar who names the closest nodes with false ones would hide them.
    private bool IsIdTaken(in NodeId id, int place)
    {
        for (int i = place - 1; i >= 0 && _slots[_order[i]].Contact.Id == id; i--)
        {
            if (IsClosed(_slots[_order[i]]))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsSiteTaken(ulong site)
    {
        int attempts = _asked.CountOf(site);
        for (int slot = NextOfSite(site, None); slot != None; slot = NextOfSite(site, slot))
        {
            if (IsClosed(_slots[slot]))
            {
                return true;
            }

            // One that was taken before is counted among the asked.
            attempts += _slots[slot].AskedAs == 0 ? 1 : 0;
        }

        return attempts >= _options.EndpointsPerSiteMax;
    }

    private bool IsClosed(in CandidateSlot slot) => slot.State == CandidateState.Answered || slot.Reply == _reply;

    private int NextOfSite(ulong site, int slot)
    {
        int found = _siteHashes.AsSpan(slot + 1).IndexOf(site);
        return found < 0 ? None : slot + 1 + found;
    }

    private int TakeSlot(in CompactNode contact, ulong hash)
    {
        int slot = _freeSlots[--_freeCount];
        _serial = _serial == uint.MaxValue ? 1 : _serial + 1;
        _slots[slot] = new CandidateSlot { Contact = contact, Serial = _serial, Reply = _reply, State = CandidateState.Fresh };
        _endpointHashes[slot] = hash;
        return slot;
    }

    private void FreeSlot(int slot)
    {
        _slots[slot].State = CandidateState.Free;
        _endpointHashes[slot] = 0;
        _siteHashes[slot] = 0;
        _freeSlots[_freeCount++] = (ushort)slot;
    }
}
