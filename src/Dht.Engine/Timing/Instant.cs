namespace Dht.Engine.Timing;

/// <summary>
/// A point on a monotonic clock, in ticks of 100 ns since an origin that only its clock knows. The core never reads a
/// clock; it is handed instants, real ones by a transport, virtual ones by a simulator.
/// </summary>
/// <remarks>
/// Sums and differences saturate: a deadline an unbounded timeout after now is <see cref="Never"/>, not a moment long
/// past.
/// </remarks>
/// <param name="Ticks">100 ns units since the origin of the clock.</param>
public readonly record struct Instant(long Ticks) : IComparable<Instant>
{
    /// <summary>The origin.</summary>
    public static Instant Zero => default;

    /// <summary>Later than every instant that a clock yields; means "never".</summary>
    public static Instant Never => new(long.MaxValue);

    /// <summary>The instant <paramref name="span"/> after <paramref name="instant"/>.</summary>
    public static Instant operator +(Instant instant, TimeSpan span) => new(AddSaturated(instant.Ticks, span.Ticks));

    /// <summary>The instant <paramref name="span"/> before <paramref name="instant"/>.</summary>
    public static Instant operator -(Instant instant, TimeSpan span) =>
        new(SubtractSaturated(instant.Ticks, span.Ticks));

    /// <summary>The time from <paramref name="earlier"/> to <paramref name="later"/>.</summary>
    public static TimeSpan operator -(Instant later, Instant earlier) =>
        new(SubtractSaturated(later.Ticks, earlier.Ticks));

    /// <summary>Whether <paramref name="left"/> is earlier.</summary>
    public static bool operator <(Instant left, Instant right) => left.Ticks < right.Ticks;

    /// <summary>Whether <paramref name="left"/> is later.</summary>
    public static bool operator >(Instant left, Instant right) => left.Ticks > right.Ticks;

    /// <summary>Whether <paramref name="left"/> is not later.</summary>
    public static bool operator <=(Instant left, Instant right) => left.Ticks <= right.Ticks;

    /// <summary>Whether <paramref name="left"/> is not earlier.</summary>
    public static bool operator >=(Instant left, Instant right) => left.Ticks >= right.Ticks;

    /// <summary>The earlier of two.</summary>
    public static Instant Min(Instant left, Instant right) => left.Ticks <= right.Ticks ? left : right;

    /// <summary>The later of two.</summary>
    public static Instant Max(Instant left, Instant right) => left.Ticks >= right.Ticks ? left : right;

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);

    // Two's complement: the result is wrong exactly when its sign fits neither operand (sum), or the operands' signs
    // differ and the result does not have the first one's (difference). The limit to take is then on the side of the
    // first operand.
    private static long AddSaturated(long left, long right)
    {
        long sum = unchecked(left + right);
        return ((left ^ sum) & (right ^ sum)) < 0 ? Limit(left) : sum;
    }

    private static long SubtractSaturated(long left, long right)
    {
        long difference = unchecked(left - right);
        return ((left ^ right) & (left ^ difference)) < 0 ? Limit(left) : difference;
    }

    private static long Limit(long side) => side < 0 ? long.MinValue : long.MaxValue;
}
