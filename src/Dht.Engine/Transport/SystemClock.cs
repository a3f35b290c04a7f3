using System.Diagnostics;
using Dht.Engine.Timing;

namespace Dht.Engine.Transport;

/// <summary>
/// The monotonic clock of the machine. On 64-bit Linux it goes on while the machine is suspended (CLOCK_BOOTTIME), so
/// that tokens, peers and contacts do not seem fresh after a night's sleep; elsewhere it does what the system's counter
/// does (on Windows it goes on, on macOS it stands still). Thread-safe.
/// </summary>
public sealed class SystemClock : IClock
{
    private static readonly bool CountsSuspension = LinuxNative.IsSupported && LinuxBootClock.TryRead(out _);
    private static readonly long Origin = Read();

    private SystemClock()
    {
    }

    /// <summary>The one clock; its origin is when it was first used.</summary>
    public static SystemClock Instance { get; } = new();

    /// <inheritdoc/>
    public Instant Now => new(Read() - Origin + 1);

    /// <summary>Ticks of 100 ns since the machine was started, or since whenever the system's counter was 0.</summary>
    internal static long Read() => CountsSuspension && LinuxBootClock.TryRead(out long ticks)
        ? ticks
        : Stopwatch.GetElapsedTime(0).Ticks;
}
