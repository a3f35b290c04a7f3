using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Lookup;

/// <summary>
/// Where a search keeps its candidates and entry points: each has a slot from <see cref="Take"/> to
/// <see cref="Release"/>, and a state that only <see cref="Move"/> changes, which therefore counts them all.
/// </summary>
/// <remarks>
/// By slot, each in an array of its own so that it is searched at once:
/// <code>
/// _slots           [ contact, serial ... ]
/// _states          [ state               ]
/// _endpointHashes  [ of address and port ]  0 where the slot is free
/// _siteHashes      [ of the site         ]  0 where the slot is free, or an entry point's
/// _blockHashes     [ of the block        ]  0 where the slot is free, or an entry point's
/// _tokens          [ 64 bytes            ]  of those that answered
///
/// handle           [ serial, 32 bits | slot, 16 bits ]
/// </code>
/// Allocates only when created; one thread.
/// </remarks>
internal sealed partial class CandidateSlots
{
    /// <summary>No slot.</summary>
    public const int None = -1;

    /// <summary>The longest write token that is kept, in bytes.</summary>
    public const int TokenSizeMax = 64;

    private const int SlotBits = 16;
    private const int StateCount = (int)CandidateState.Bystander + 1;

    private readonly EndpointHasher _hasher;
    private readonly CandidateSlot[] _slots;
    private readonly CandidateState[] _states;
    private readonly ulong[] _endpointHashes;
    private readonly ulong[] _siteHashes;
    private readonly ulong[] _blockHashes;
    private readonly byte[] _tokens;
    private readonly ushort[] _freeSlots;

    // Slots in each state: those that are free and those of candidates, then those of entry points.
    private readonly int[] _counts = new int[2 * StateCount];
    private uint _serial;

    /// <param name="count">How many slots there are.</param>
    /// <param name="random">A key is drawn from it, so that hashes cannot be aimed at. Not kept.</param>
    public CandidateSlots(int count, IRandomSource random)
    {
        _hasher = new EndpointHasher(random.NextUInt64(), random.NextUInt64());
        _slots = new CandidateSlot[count];
        _states = new CandidateState[count];
        _endpointHashes = new ulong[count];
        _siteHashes = new ulong[count];
        _blockHashes = new ulong[count];
        _tokens = new byte[count * TokenSizeMax];
        _freeSlots = new ushort[count];
        Clear();
    }

    /// <summary>How many slots there are.</summary>
    public int Length => _slots.Length;

    /// <summary>Entry points, whatever their state.</summary>
    public int EntryCount => EntriesIn(CandidateState.Fresh) + EntriesIn(CandidateState.InFlight)
        + EntriesIn(CandidateState.Late);

    private int FreeCount => _counts[(int)CandidateState.Free];

    /// <summary>What is kept of the candidate in a slot.</summary>
    public ref readonly CandidateSlot this[int slot] => ref _slots[slot];

    public CandidateState StateOf(int slot) => _states[slot];

    /// <summary>How many candidates are in a state, entry points not counted.</summary>
    public int CountIn(CandidateState state) => _counts[(int)state];

    /// <summary>How many entry points are in a state.</summary>
    public int EntriesIn(CandidateState state) => _counts[StateCount + (int)state];

    /// <summary>How many candidates and entry points are in a state.</summary>
    public int CountOfAll(CandidateState state) => CountIn(state) + EntriesIn(state);

    /// <summary>Frees all slots. Handles given out before mean nothing from now on.</summary>
    public void Clear()
    {
        Array.Clear(_states);
        Array.Clear(_endpointHashes);
        Array.Clear(_siteHashes);
        Array.Clear(_blockHashes);
        Array.Clear(_counts);
        _counts[(int)CandidateState.Free] = _slots.Length;
        for (int i = 0; i < _freeSlots.Length; i++)
        {
            _freeSlots[i] = (ushort)(_freeSlots.Length - 1 - i);
        }
    }

    /// <summary>The hash of an endpoint; never 0.</summary>
    public ulong HashOf(in Endpoint endpoint) => NonZero(_hasher.Hash(endpoint));

    /// <summary>The hash of the site of an endpoint; never 0.</summary>
    public ulong SiteHashOf(in Endpoint endpoint) => NonZero(_hasher.HashSite(endpoint));

    /// <summary>The hash of the IPv4 /24 or IPv6 /48 of an endpoint; never 0.</summary>
    public ulong BlockHashOf(in Endpoint endpoint) =>
        NonZero(_hasher.Hash(endpoint.BlockOf(NetworkBlock.Organisation)));

    public ulong EndpointHashAt(int slot) => _endpointHashes[slot];

    /// <summary>The hash of the site of a candidate; 0 for an entry point.</summary>
    public ulong SiteHashAt(int slot) => _siteHashes[slot];

    /// <summary>The hash of the block of a candidate; 0 for an entry point.</summary>
    public ulong BlockHashAt(int slot) => _blockHashes[slot];

    /// <summary>Whether a slot holds an endpoint with this hash.</summary>
    public bool HoldsEndpoint(ulong hash) => _endpointHashes.AsSpan().Contains(hash);

    /// <summary>
    /// The first slot after one whose candidate is of a site; begin with <see cref="None"/>, and it is what the last
    /// call gives.
    /// </summary>
    public int NextOfSite(ulong siteHash, int after) => Next(_siteHashes, siteHash, after);

    /// <summary>The same for those of a block.</summary>
    public int NextOfBlock(ulong blockHash, int after) => Next(_blockHashes, blockHash, after);

    /// <summary>Takes a free slot, of which there is one, for a fresh candidate.</summary>
    public int Take(in CompactNode contact, int reply, ulong endpointHash, ulong siteHash, ulong blockHash)
    {
        Invariant.Holds(FreeCount > 0, "there is a slot for each candidate that the bounds allow");
        int slot = _freeSlots[FreeCount - 1];
        _serial = _serial == uint.MaxValue ? 1 : _serial + 1;
        _slots[slot] = new CandidateSlot { Contact = contact, Serial = _serial, Reply = reply };
        _endpointHashes[slot] = endpointHash;
        _siteHashes[slot] = siteHash;
        _blockHashes[slot] = blockHash;
        Move(slot, CandidateState.Fresh);
        return slot;
    }

    /// <summary>Takes a free slot, of which there is one, for a fresh entry point.</summary>
    public int TakeEntry(in Endpoint endpoint, int reply, ulong endpointHash)
    {
        int slot = Take(new CompactNode(default, endpoint), reply, endpointHash, siteHash: 0, blockHash: 0);
        SetEntry(slot, isEntry: true);
        return slot;
    }

    /// <summary>Finds the slot that a handle names; false when its candidate has left.</summary>
    public bool TryFind(long handle, out int slot)
    {
        slot = (int)(handle & ((1 << SlotBits) - 1));
        return (uint)slot < (uint)_slots.Length && _states[slot] != CandidateState.Free
            && _slots[slot].Serial == handle >> SlotBits;
    }

    /// <summary>The candidate in a slot, as a driver is given it.</summary>
    public Candidate CandidateAt(int slot)
    {
        ref readonly CandidateSlot kept = ref _slots[slot];
        long handle = ((long)kept.Serial << SlotBits) | (uint)slot;
        return new Candidate(handle, kept.Contact.Id, kept.Contact.Endpoint, !kept.IsEntry);
    }

    /// <summary>
    /// Changes the state of a candidate: the only place that does, so that the counts are right. An entry point has no
    /// answered state: it becomes a candidate before that.
    /// </summary>
    public void Move(int slot, CandidateState to)
    {
        CandidateState from = _states[slot];
        Invariant.Holds(IsLegal(from, to, _slots[slot].IsEntry), "a state changes only as drawn");
        int kind = _slots[slot].IsEntry ? StateCount : 0;
        _counts[kind + (int)from]--;
        _counts[kind + (int)to]++;
        _states[slot] = to;
    }

    /// <summary>Gives a candidate another id. The caller keeps it in its order.</summary>
    public void Rename(int slot, in NodeId id) => _slots[slot].Contact = _slots[slot].Contact with { Id = id };

    /// <summary>Makes a candidate of an entry point, whose id is known now. The caller puts it in the order.</summary>
    public void ConvertEntry(int slot, in NodeId id)
    {
        SetEntry(slot, isEntry: false);
        Rename(slot, id);
        _siteHashes[slot] = SiteHashOf(_slots[slot].Contact.Endpoint);
        _blockHashes[slot] = BlockHashOf(_slots[slot].Contact.Endpoint);
    }

    /// <summary>Frees a slot. The caller has taken a candidate out of the order.</summary>
    public void Release(int slot)
    {
        SetEntry(slot, isEntry: false);
        _freeSlots[FreeCount] = (ushort)slot;
        Move(slot, CandidateState.Free);
        _endpointHashes[slot] = 0;
        _siteHashes[slot] = 0;
        _blockHashes[slot] = 0;
    }

    /// <summary>The write token of a candidate that answered; empty when it gave no token.</summary>
    public ReadOnlySpan<byte> TokenOf(int slot) => _tokens.AsSpan(slot * TokenSizeMax, _slots[slot].TokenLength);

    /// <summary>Keeps a write token of at most <see cref="TokenSizeMax"/> bytes.</summary>
    public void SetToken(int slot, ReadOnlySpan<byte> token)
    {
        Invariant.Holds(_states[slot] == CandidateState.Answered, "a token is that of a candidate that answered");
        token.CopyTo(_tokens.AsSpan(slot * TokenSizeMax, TokenSizeMax));
        _slots[slot].TokenLength = (byte)token.Length;
    }

    private static int Next(ulong[] hashes, ulong hash, int after)
    {
        int found = hashes.AsSpan(after + 1).IndexOf(hash);
        return found < 0 ? None : after + 1 + found;
    }

    private static ulong NonZero(ulong hash) => hash == 0 ? 1 : hash;

    // Free --take--> Fresh --ask--> InFlight --late--> Late
    //                 ^ ^             | | ^             | | |
    //                 | '-defer, hold-' | '--ask again--' | |
    //                 '---hold----------|-----------------' |
    //                                   '--> Answered <-----'
    //                                        or Bystander
    // From each of them, release leads back to Free. An entry point never answers.
    private static bool IsLegal(CandidateState from, CandidateState to, bool isEntry) => (from, to) switch
    {
        (CandidateState.Free, CandidateState.Fresh) => true,
        (CandidateState.Fresh, CandidateState.InFlight) => true,
        (CandidateState.InFlight, CandidateState.Fresh or CandidateState.Late) => true,
        (CandidateState.Late, CandidateState.Fresh or CandidateState.InFlight) => true,
        (CandidateState.InFlight or CandidateState.Late, CandidateState.Answered or CandidateState.Bystander) =>
            !isEntry,
        (_, CandidateState.Free) => from != CandidateState.Free,
        _ => false,
    };

    private void SetEntry(int slot, bool isEntry)
    {
        int state = (int)_states[slot];
        _counts[(_slots[slot].IsEntry ? StateCount : 0) + state]--;
        _counts[(isEntry ? StateCount : 0) + state]++;
        _slots[slot].IsEntry = isEntry;
    }
}
