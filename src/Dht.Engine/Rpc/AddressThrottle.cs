using Dht.Engine.Addressing;
using Dht.Engine.Invariants;
using Dht.Engine.Timing;

namespace Dht.Engine.Rpc;

/// <summary>
/// A rate limit for each IP address (for IPv6, each /64), in a table of fixed size: memory does not grow with the
/// number of addresses, and the hash is keyed, so that nobody can fill the place of a chosen victim.
/// </summary>
/// <remarks>
/// Each entry holds the "theoretical arrival time" of the generic cell rate algorithm: the instant at which the
/// address has used up nothing of its allowance. An entry in the past means the same as no entry, so the one furthest
/// in the past makes room for a newcomer. Allocates only when created; one thread.
/// </remarks>
internal sealed partial class AddressThrottle
{
    private const int Ways = 4;

    // Bounds for absurd settings, so that no sum of an instant, a burst and an interval overflows.
    private const long IntervalTicksMax = 365 * TimeSpan.TicksPerDay;
    private const long BurstTicksMax = long.MaxValue / 4;

    private readonly Entry[] _entries;
    private readonly EndpointHasher _hasher;
    private readonly long _intervalTicks;
    private readonly long _burstTicks;
    private readonly ulong _setMask;
    private readonly bool _perPort;

    /// <summary>Creates a throttle.</summary>
    /// <param name="perSecond">Packets per second and address; 0 or less means no limit.</param>
    /// <param name="burst">How many may come at once.</param>
    /// <param name="addressCount">How many addresses are remembered, rounded up to a power of two.</param>
    /// <param name="hasher">With a random key.</param>
    /// <param name="perPort">Whether each port of an address has a limit of its own.</param>
    public AddressThrottle(double perSecond, int burst, int addressCount, EndpointHasher hasher, bool perPort = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(addressCount, Ways);
        IsUnlimited = perSecond <= 0;
        int count = IsUnlimited ? Ways : (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)addressCount);
        _entries = new Entry[count];
        _setMask = (ulong)(count / Ways) - 1;
        _hasher = hasher;
        _perPort = perPort;
        _intervalTicks = IsUnlimited ? 0 : (long)Math.Min(TimeSpan.TicksPerSecond / perSecond, IntervalTicksMax);
        _burstTicks = (long)Math.Min((double)_intervalTicks * (burst - 1), BurstTicksMax);
    }

    /// <summary>Whether there is no limit.</summary>
    public bool IsUnlimited { get; }

    /// <summary>Whether <see cref="TryPass"/> would pass; counts nothing.</summary>
    public bool HasRoom(in Endpoint endpoint, Instant now) => HasRoom(endpoint, now, out _);

    /// <summary>The same, for a <see cref="Charge"/> that may follow.</summary>
    /// <param name="hash">What the address is charged by.</param>
    public bool HasRoom(in Endpoint endpoint, Instant now, out ulong hash)
    {
        hash = 0;
        if (IsUnlimited)
        {
            return true;
        }

        hash = HashOf(endpoint);
        return ArrivalOf(EntryFor(hash), hash, now) - now.Ticks <= _burstTicks;
    }

    /// <summary>Whether one more packet from or to this address is within its limit; counts it if so.</summary>
    public bool TryPass(in Endpoint endpoint, Instant now)
    {
        if (IsUnlimited)
        {
            return true;
        }

        ulong hash = HashOf(endpoint);
        ref Entry entry = ref EntryFor(hash);
        long arrival = ArrivalOf(entry, hash, now);
        if (arrival - now.Ticks > _burstTicks)
        {
            return false;
        }

        Invariant.Holds(arrival >= now.Ticks, "an allowance is not saved up beyond its burst");
        entry = new Entry(hash, new Instant(arrival + _intervalTicks));
        return true;
    }

    /// <summary>Counts several, within the limit or beyond it: what is too much is made up for later.</summary>
    /// <param name="hash">What <see cref="HasRoom(in Endpoint, Instant, out ulong)"/> gave.</param>
    public void Charge(ulong hash, int count, Instant now)
    {
        if (!IsUnlimited)
        {
            ref Entry entry = ref EntryFor(hash);
            entry = new Entry(hash, new Instant(ArrivalOf(entry, hash, now) + (count * _intervalTicks)));
        }
    }

    /// <summary>Forgets what an address has used.</summary>
    public void Forget(in Endpoint endpoint)
    {
        ulong hash = HashOf(endpoint);
        ref Entry entry = ref EntryFor(hash);
        if (entry.Tag == hash)
        {
            entry = default;
        }
    }

    private static long ArrivalOf(in Entry entry, ulong hash, Instant now) =>
        entry.Tag == hash ? Math.Max(entry.Arrival.Ticks, now.Ticks) : now.Ticks;

    private ulong HashOf(in Endpoint endpoint) => _perPort ? _hasher.Hash(endpoint) : _hasher.HashSite(endpoint);

    /// <summary>The entry of an address, or the one that makes room for it.</summary>
    private ref Entry EntryFor(ulong hash)
    {
        Span<Entry> set = _entries.AsSpan((int)(hash & _setMask) * Ways, Ways);
        int place = 0;
        for (int i = 0; i < set.Length; i++)
        {
            if (set[i].Tag == hash)
            {
                place = i;
                break;
            }

            place = set[i].Arrival < set[place].Arrival ? i : place;
        }

        return ref set[place];
    }

    private readonly record struct Entry(ulong Tag, Instant Arrival);
}
