using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Lookup;

/// <summary>
/// The candidates of one iterative search (BEP 5) in one address family: whom to ask next, when the search is over, and
/// which contacts that answered are the closest. It knows no time and sends nothing; a driver takes candidates and
/// reports what became of them.
/// </summary>
/// <remarks>
/// <code>
/// CandidateSet               the rules of the search
///   ├─ SearchGaps            whom to ask about their own neighbourhood
///   ├─ CandidateAdmission    who becomes a candidate: room of a reply, ids, sites
///   ├─ ClosestAnswered       who has answered: k of them, and the quota of a network
///   ├─ AskSchedule           whom to ask next, and whom again
///   ├─ CandidateOrder        places by distance
///   └─ CandidateSlots        contacts, states and their counts, tokens
/// </code>
/// <para>The driver, for each search: <see cref="Begin"/>; <see cref="Add"/> contacts of its own table,
/// <see cref="AddEntry"/> routers; then after every event: take with <see cref="TryTakeNext"/> until it says false, and
/// look at <see cref="IsComplete"/>. An answer is <see cref="MarkAnswered"/>, then <see cref="SetToken"/>, then
/// <see cref="Add"/> for each contact that the answer names.</para>
/// <para>A node that answers may lie. A contact counts only once it has answered itself; one that fails leaves; of one
/// reply only so many contacts are looked at, and of one block of addresses only so many are asked; no endpoint is
/// asked twice, except the silent among the nearest (<see cref="TryTakeAgain"/>) and those that refuse
/// (<see cref="MarkRefused"/>). A contact named before with a wrong address or port can still be found: an id is closed
/// to others only by an answer, a site only by an answer or after
/// <see cref="CandidateSetOptions.EndpointsPerSiteMax"/> attempts. And
/// <see cref="CandidateSetOptions.QueriesMax"/> ends every search.</para>
/// <para>Allocates only when created: meant to be kept and used for one search after another. One thread.</para>
/// </remarks>
internal sealed partial class CandidateSet
{
    private readonly CandidateSlots _slots;
    private readonly CandidateOrder _order;
    private readonly AskSchedule _schedule;
    private readonly ClosestAnswered _closest;
    private readonly CandidateAdmission _admission;
    private readonly SearchGaps _gaps;

    /// <summary>Takes the memory for one search at a time.</summary>
    /// <param name="options">Bounds.</param>
    /// <param name="random">A key is drawn from it, so that hashes cannot be aimed at. Not kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public CandidateSet(CandidateSetOptions options, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        options.Validate();
        _slots = new CandidateSlots(options.Capacity + options.EntriesMax, random);
        _order = new CandidateOrder(_slots, options.Capacity);
        _schedule = new AskSchedule(options, _slots, _order);
        _closest = new ClosestAnswered(options, _slots, _order);
        _admission = new CandidateAdmission(options, _slots, _order, _schedule, _closest);
        _gaps = new SearchGaps(_slots, _order, _closest, _schedule);
        Begin(default, default);
    }

    /// <summary>Candidates kept now, without entry points.</summary>
    public int Count => _order.Count;

    /// <summary>Queries sent: those taken that were neither deferred nor given up.</summary>
    public int AskedCount => _schedule.SentCount;

    /// <summary>Queries answered, by entry points too.</summary>
    public int AnsweredCount => _schedule.AnsweredCount;

    /// <summary>Queries in flight; late ones are not.</summary>
    public int InFlightCount => _slots.CountOfAll(CandidateState.InFlight);

    /// <summary>How many of the closest there are so far: those that answered, at most k.</summary>
    public int ClosestCount => _closest.Count;

    /// <summary>Whether the current reply may still add contacts; if not, the rest need not be read.</summary>
    public bool HasReplyRoom => _admission.HasReplyRoom;

    /// <summary>
    /// Whether the search is over. With k answers: nothing that is nearer than the k-th closest is fresh or in flight,
    /// or the queries are used up and none is in flight; late ones are not waited for. With fewer every query is, for
    /// one that answers late has a place, and may be the only one.
    /// </summary>
    public bool IsComplete => _closest.IsFull
        ? (_schedule.IsSpent && InFlightCount == 0)
            || (_slots.CountIn(CandidateState.Fresh) == 0 && !_closest.IsAnyNearer(CandidateState.InFlight))
        : InFlightCount + _slots.CountOfAll(CandidateState.Late) == 0
            && (_schedule.IsSpent || _slots.CountOfAll(CandidateState.Fresh) == 0);

    /// <summary>
    /// Whether the search is over, and no late answer can change the closest. A driver that wants the exact result
    /// more than an early one waits for this.
    /// </summary>
    public bool IsSettled => IsComplete && (!_closest.IsFull || !_closest.IsAnyNearer(CandidateState.Late));

    /// <summary>Whether there are k of the closest.</summary>
    public bool IsFull => _closest.IsFull;

    /// <summary>Whether one nearer than the k-th closest has failed or is late, and may hide a live one.</summary>
    public bool HasGaps => _gaps.Any;

    /// <summary>
    /// Whether to look for gaps now: all the near ones have been asked, and there are some; or so many of all that were
    /// asked were silent that there must be.
    /// </summary>
    public bool IsTimeToProbe => _gaps.IsTimeToProbe;

    /// <summary>Starts a search; the handles of the one before mean nothing from now on.</summary>
    /// <param name="target">What is searched for.</param>
    /// <param name="self">Our own id, which is never a candidate.</param>
    /// <param name="isModest">
    /// Whether to ask no more than <see cref="CandidateSetOptions.Alpha"/> at once: for a search that has time.
    /// </param>
    /// <param name="isAwaited">Whether a caller waits, so that the silent are asked again.</param>
    public void Begin(in NodeId target, in NodeId self, bool isModest = false, bool isAwaited = true)
    {
        _slots.Clear();
        _order.Begin(target);
        _schedule.Begin(isModest, isAwaited);
        _admission.Begin(self);
        _gaps.Begin();
    }

    /// <summary>From now on a caller waits for a search that began without one.</summary>
    public void Await() => _schedule.Await();

    /// <summary>
    /// Opens the list of contacts of one reply: from now on at most
    /// <see cref="CandidateSetOptions.ContactsPerReplyMax"/> are looked at. <see cref="MarkAnswered"/> does this too;
    /// call it for contacts from another source, such as those of this family in a reply of the other one.
    /// </summary>
    public void BeginReply() => _admission.BeginReply();

    /// <summary>
    /// Offers a contact. The address policy is the driver's to ask. Refused are
    /// <list type="bullet">
    /// <item>our own id;</item>
    /// <item>an endpoint that is or was a candidate;</item>
    /// <item>an id, or a site, of which one has answered or which the same reply named already;</item>
    /// <item>a site that was asked too often;</item>
    /// <item>a contact beyond its network's share of nearer answers;</item>
    /// <item>a contact that cannot be among the closest any longer;</item>
    /// <item>when the set is full, a contact farther than every fresh one.</item>
    /// </list>
    /// </summary>
    /// <returns>Whether it is a candidate now.</returns>
    public bool Add(in NodeId id, in Endpoint endpoint) => _admission.TryAdd(id, endpoint);

    /// <summary>
    /// Offers an endpoint without a known id, such as a router. It is asked before all others and beside them, has no
    /// distance, and is never among the closest. Refused when it is or was a candidate, and when there are too many.
    /// </summary>
    /// <returns>Whether it will be asked.</returns>
    public bool AddEntry(in Endpoint endpoint) => _admission.TryAddEntry(endpoint);

    /// <summary>
    /// The next candidate to ask: entry points, then the nearest fresh one. It is in flight from now on. Call it until
    /// it says false, after each event and now and then: a deferred candidate comes back only after that.
    /// </summary>
    /// <param name="candidate">Whom to ask.</param>
    /// <param name="keepsDeferred">
    /// Whether those that are deferred stay so after a false too: it is too early for them.
    /// </param>
    public bool TryTakeNext(out Candidate candidate, bool keepsDeferred = false)
    {
        bool isTaken = _schedule.TryTakeNext(out int slot);
        if (!isTaken && !keepsDeferred)
        {
            _schedule.BeginPass();
        }

        return Give(isTaken, slot, out candidate);
    }

    /// <summary>
    /// The nearest late one that is to be asked again; it is in flight once more, under the same handle, and the first
    /// answer to any of its queries counts. Only those that are nearer than the k-th closest, and among the 2 k
    /// nearest, up to <see cref="CandidateSetOptions.RepeatsMax"/> times each; while nobody has answered once each, and
    /// entry points too. Call it after <see cref="TryTakeNext"/> has said false.
    /// </summary>
    public bool TryTakeAgain(out Candidate candidate) =>
        Give(_schedule.TryTakeAgain(out int slot), slot, out candidate);

    /// <summary>
    /// The nearest of the closest that was not asked about its own neighbourhood yet, if there are gaps; it counts as
    /// asked from now on. Offer what it names after <see cref="BeginReply"/>: the search may go on by that.
    /// </summary>
    public bool TryTakeProbe(out Candidate candidate) =>
        Give(_gaps.TryTakeProbe(out int slot), slot, out candidate);

    /// <summary>Whether a handle is that of an entry point.</summary>
    public bool IsEntry(long handle) => _slots.TryFind(handle, out int slot) && _slots[slot].IsEntry;

    /// <summary>Whether a candidate is one of the closest that answered so far.</summary>
    public bool IsAmongClosest(long handle) => TryFind(handle, CandidateState.Answered, out _);

    /// <summary>The k closest that answered, nearest first.</summary>
    /// <param name="destination">Takes as many as fit.</param>
    /// <returns>How many were written.</returns>
    public int CopyClosest(Span<CompactNode> destination) => _closest.CopyTo(destination);

    /// <summary>One of the closest that answered; 0 is the nearest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in 0 to <see cref="ClosestCount"/> - 1.</exception>
    public CompactNode ClosestAt(int index) => _slots[_closest.SlotAt(index)].Contact;

    /// <summary>The write token of one of the closest, or nothing. Valid until the search changes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in 0 to <see cref="ClosestCount"/> - 1.</exception>
    public ReadOnlySpan<byte> TokenAt(int index) => _slots.TokenOf(_closest.SlotAt(index));

    /// <summary>Keeps the write token of a candidate that has answered, for an announce.</summary>
    /// <param name="handle">Of the candidate, after <see cref="MarkAnswered"/>.</param>
    /// <param name="token">Copied.</param>
    /// <returns>False when it is longer than 64 bytes, or the candidate is not among the closest.</returns>
    public bool SetToken(long handle, ReadOnlySpan<byte> token)
    {
        if (token.Length > CandidateSlots.TokenSizeMax || !TryFind(handle, CandidateState.Answered, out int slot))
        {
            return false;
        }

        _slots.SetToken(slot, token);
        return true;
    }

    /// <summary>Keeps another write token of one of the closest.</summary>
    /// <returns>False when it is empty, or longer than 64 bytes.</returns>
    public bool SetTokenAt(int index, ReadOnlySpan<byte> token)
    {
        if (!IsToken(token))
        {
            return false;
        }

        _slots.SetToken(_closest.SlotAt(index), token);
        return true;
    }

    /// <summary>Whether a token is one that can be kept.</summary>
    public static bool IsToken(ReadOnlySpan<byte> token) => token.Length is > 0 and <= CandidateSlots.TokenSizeMax;

    private bool Give(bool isTaken, int slot, out Candidate candidate)
    {
        candidate = isTaken ? _slots.CandidateAt(slot) : default;
        return isTaken;
    }

    private bool TryFind(long handle, CandidateState state, out int slot) =>
        _slots.TryFind(handle, out slot) && _slots.StateOf(slot) == state;
}
