namespace Dht.Engine.Timing;

/// <summary>A clock that stands still until it is moved: for simulations and tests. Not thread-safe.</summary>
public sealed class VirtualClock : IClock
{
    /// <inheritdoc/>
    public Instant Now { get; private set; } = Instant.Zero;

    /// <summary>Moves the clock forward.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="span"/> is negative.</exception>
    public Instant Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        return Now += span;
    }
}
