using System.Diagnostics;
using Dht.Engine.Timing;

namespace Dht.Engine.Transport;

/// <summary>The monotonic clock of the machine. Thread-safe.</summary>
public sealed class SystemClock : IClock
{
    private SystemClock()
    {
    }

    /// <summary>The one clock; its origin is when it was first used.</summary>
    public static SystemClock Instance { get; } = new();

    private static readonly long Origin = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public Instant Now => new(Stopwatch.GetElapsedTime(Origin).Ticks + 1);
}
