using Dht.Engine.Invariants;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// Those of a lookup that have refused, in the order in which they may be asked again: each after the same pause. A
/// ring of fixed size.
/// </summary>
internal sealed class LookupPauses
{
    /// <summary>What could not be sent is tried again after this.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private const int Capacity = 64;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1.05);

    private readonly (long Handle, Instant DueAt)[] _waiting = new (long, Instant)[Capacity];
    private int _first;
    private int _count;

    /// <summary>When the first may be asked again.</summary>
    public Instant NextDue => _count == 0 ? Instant.Never : _waiting[_first].DueAt;

    /// <summary>When one that refuses now may be asked again.</summary>
    public static Instant After(Instant now) => now + Pause;

    public void Clear() => _count = 0;

    /// <summary>Takes one that has just refused; false when there are too many.</summary>
    public bool TryAdd(long handle, Instant now)
    {
        if (_count == Capacity)
        {
            return false;
        }

        _waiting[(_first + _count) % Capacity] = (handle, After(now));
        _count++;
        return true;
    }

    /// <summary>The next whose pause is over; call until false.</summary>
    public bool TryTakeDue(Instant now, out long handle)
    {
        handle = 0;
        if (NextDue > now)
        {
            return false;
        }

        Invariant.Holds(_count > 0, "only one that waits is due");
        handle = _waiting[_first].Handle;
        _first = (_first + 1) % Capacity;
        _count--;
        return true;
    }
}
