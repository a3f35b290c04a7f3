using System.Runtime.ExceptionServices;
using Dht.Engine.Addressing;
using Dht.Engine.Invariants;
using Dht.Engine.Timing;

namespace Dht.Engine.Rpc;

/// <summary>
/// Datagrams that are staged for sending, encoded straight into one pinned array, one after another. Everything that
/// leaves the engine passes here, so here the address policy is asked. The driver sends what is staged once per turn
/// and clears it.
/// </summary>
/// <remarks>
/// <code>
/// TryReserve -> write -> Commit            the engine stages
/// Datagram(i), Destination(i), Source(i)   the driver sends each of Count; Refuse(i): it did not get out
/// Clear, ReportRefused                     the driver is done with them
/// </code>
/// Allocates only when created; one thread. Staged bytes belong to the outbox until <see cref="Clear"/>.
/// </remarks>
public sealed partial class Outbox
{
    /// <summary>The largest datagram that the engine sends.</summary>
    public const int DatagramSizeMax = 1400;

    private readonly byte[] _bytes;
    private readonly Entry[] _entries;
    private readonly Refusal[] _refusals;
    private readonly IAddressPolicy _policy;
    private Endpoint _destination;
    private Endpoint _source;
    private bool _isReserved;
    private int _used;
    private int _refusalCount;

    /// <summary>Creates an outbox.</summary>
    /// <param name="datagramCount">The most datagrams staged at once.</param>
    /// <param name="byteCount">The most bytes staged at once; at least one largest datagram.</param>
    /// <param name="policy">Where packets may go.</param>
    /// <param name="reachable">The families that the socket behind it reaches.</param>
    public Outbox(int datagramCount, int byteCount, IAddressPolicy policy, IpFamily reachable = IpFamily.Both)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(datagramCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(byteCount, DatagramSizeMax);
        ArgumentNullException.ThrowIfNull(policy);
        _entries = new Entry[datagramCount];
        _refusals = new Refusal[datagramCount];
        _bytes = GC.AllocateUninitializedArray<byte>(byteCount, pinned: true);
        _policy = GuardedPolicy.Wrap(policy, ReportPolicyFault);
        Reachable = reachable;
    }

    /// <summary>The families that can be sent to; a destination of another is forbidden.</summary>
    public IpFamily Reachable { get; }

    /// <summary>
    /// Where packets may go. A user's policy has a guard in front of it here: what it throws counts as a refusal.
    /// </summary>
    public IAddressPolicy Policy => _policy;

    /// <summary>
    /// Receives what a user's policy throws; set by the node that stages here. Without a node there is nobody to report
    /// to, and it comes out of the call.
    /// </summary>
    internal Action<Exception>? OnPolicyFault { get; set; }

    /// <summary>
    /// What queries should ask for by name (<c>want</c>, BEP 32): both families where both are reached. Otherwise
    /// nothing, since a reply names contacts of the family that it travels over.
    /// </summary>
    public IpFamily Want => Reachable == IpFamily.Both ? IpFamily.Both : IpFamily.None;

    /// <summary>Datagrams staged.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a largest datagram still fits.</summary>
    public bool HasRoom => Count < _entries.Length && _bytes.Length - _used >= DatagramSizeMax;

    /// <summary>How often the destination was forbidden, by the policy or by its family.</summary>
    public long RefusedByPolicy { get; private set; }

    /// <summary>The pinned array that the staged datagrams lie in.</summary>
    internal byte[] Bytes => _bytes;

    /// <summary>Whether a datagram may go there at all; counts nothing.</summary>
    public bool Allows(in Endpoint destination) =>
        Reaches(destination.Family) && _policy.Check(destination) == AddressVerdict.Allowed;

    /// <summary>Whether the socket behind it reaches a family.</summary>
    internal bool Reaches(IpFamily family) =>
        (Reachable & (family == IpFamily.IPv6 ? IpFamily.IPv6 : IpFamily.IPv4)) != 0;

    /// <summary>
    /// Asks for a place for one datagram; follow with <see cref="Commit(int)"/>, or with nothing to let it go.
    /// </summary>
    /// <param name="destination">Where it is to go.</param>
    /// <param name="place">On <see cref="StageResult.Ready"/>, room for a largest datagram.</param>
    public StageResult TryReserve(scoped in Endpoint destination, out Span<byte> place) =>
        TryReserve(destination, default, out place);

    /// <summary>
    /// Asks for a place for one datagram that is to leave from a given address of ours, as an answer must: it counts
    /// only if it comes from the address that was asked.
    /// </summary>
    /// <param name="destination">Where it is to go.</param>
    /// <param name="source">
    /// The address of ours; of no family to leave the choice to the system. The port is not used.
    /// </param>
    /// <param name="place">On <see cref="StageResult.Ready"/>, room for a largest datagram.</param>
    public StageResult TryReserve(scoped in Endpoint destination, scoped in Endpoint source, out Span<byte> place)
    {
        place = default;
        _isReserved = false;
        if (!Allows(destination))
        {
            RefusedByPolicy++;
            return StageResult.Forbidden;
        }

        if (!HasRoom)
        {
            return StageResult.Full;
        }

        _destination = destination;
        _source = source;
        _isReserved = true;
        place = _bytes.AsSpan(_used, DatagramSizeMax);
        return StageResult.Ready;
    }

    /// <summary>Stages the first <paramref name="length"/> bytes of the reserved place; 0 stages nothing.</summary>
    /// <exception cref="InvalidOperationException">
    /// Nothing is reserved: each reservation is good for one datagram.
    /// </exception>
    public void Commit(int length) => Commit(length, owner: null, ticket: 0);

    /// <inheritdoc cref="Commit(int)"/>
    /// <param name="length">Bytes written.</param>
    /// <param name="owner">Notified when the datagram does not leave this machine.</param>
    /// <param name="ticket">Comes back with that notice.</param>
    internal void Commit(int length, ISendOwner? owner, long ticket)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)DatagramSizeMax, nameof(length));
        if (length > 0)
        {
            if (!_isReserved)
            {
                ThrowNotReserved();
            }

            Invariant.Holds(
                Count < _entries.Length && _used + length <= _bytes.Length, "what was reserved is still free");
            _isReserved = false;
            _entries[Count++] = new Entry(_destination, _source, _used, length, owner, ticket);
            _used += length;
        }
    }

    /// <summary>A staged datagram.</summary>
    public ReadOnlySpan<byte> Datagram(int index)
    {
        Invariant.Holds(index < Count, "only what is staged is read");
        ref readonly Entry entry = ref _entries[index];
        return _bytes.AsSpan(entry.Start, entry.Length);
    }

    /// <summary>Where a staged datagram goes.</summary>
    public Endpoint Destination(int index) => _entries[index].Destination;

    /// <summary>
    /// Which address of ours a staged datagram is to leave from; of no family when the system may choose.
    /// </summary>
    public Endpoint Source(int index) => _entries[index].Source;

    /// <summary>
    /// Notes that a staged datagram could not be sent, so that <see cref="ReportRefused"/> can tell the one who staged
    /// it: what never left is not held against the one who did not answer. Call it before <see cref="Clear"/>.
    /// </summary>
    public void Refuse(int index)
    {
        Invariant.Holds(index < Count, "only what is staged is refused");
        ref readonly Entry entry = ref _entries[index];
        if (entry.Owner != null && _refusalCount < _refusals.Length)
        {
            _refusals[_refusalCount++] = new Refusal(entry.Owner, entry.Ticket);
        }
    }

    /// <summary>Forgets everything staged.</summary>
    public void Clear()
    {
        Count = 0;
        _used = 0;
        _isReserved = false;
    }

    /// <summary>
    /// Tells those who staged what was refused; they may stage again. Call it after <see cref="Clear"/>.
    /// </summary>
    public void ReportRefused(Instant now)
    {
        int count = _refusalCount;
        _refusalCount = 0;
        for (int i = 0; i < count; i++)
        {
            _refusals[i].Owner.OnRefused(_refusals[i].Ticket, now);
        }
    }

    /// <summary>Where a staged datagram begins in <see cref="Bytes"/>.</summary>
    internal int StartOf(int index) => _entries[index].Start;

    private static void ThrowNotReserved() =>
        throw new InvalidOperationException("Reserve a place in the outbox first.");

    private void ReportPolicyFault(Exception fault)
    {
        if (OnPolicyFault is { } report)
        {
            report(fault);
        }
        else
        {
            ExceptionDispatchInfo.Throw(fault);
        }
    }

    private readonly record struct Entry(
        Endpoint Destination, Endpoint Source, int Start, int Length, ISendOwner? Owner, long Ticket);

    private readonly record struct Refusal(ISendOwner Owner, long Ticket);
}
