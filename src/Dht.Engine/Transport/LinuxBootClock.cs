using System.Runtime.InteropServices;

namespace Dht.Engine.Transport;

/// <summary>The clock of Linux that goes on while the machine is suspended. 64-bit only.</summary>
internal static unsafe partial class LinuxBootClock
{
    private const int ClockBootTime = 7;

    /// <summary>
    /// Ticks of 100 ns since the machine was started, those included in which it was suspended; false where the system
    /// does not tell.
    /// </summary>
    public static bool TryRead(out long ticks)
    {
        LinuxNative.TimeSpec time;
        bool isRead = Read(ClockBootTime, &time) == 0;
        ticks = isRead
            ? (time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick)
            : 0;
        return isRead;
    }

    // It reads a page that the kernel shares, without entering it, so the garbage collector need not be told.
    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    private static partial int Read(int clock, LinuxNative.TimeSpec* time);
}
