using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dht.Engine.Bench.Load.Machine;

/// <summary>The processor time that another process has used, user and system together.</summary>
internal static unsafe partial class ProcessorTime
{
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>
    /// Seconds since the process started. On Linux to the nanosecond, from its processor clock; elsewhere as coarse
    /// as the system counts.
    /// </summary>
    public static double SecondsOf(int process)
    {
        if (OperatingSystem.IsLinux() && clock_getcpuclockid(process, out int clock) == 0)
        {
            long* time = stackalloc long[2];
            if (clock_gettime(clock, time) == 0)
            {
                return time[0] + (time[1] / NanosecondsPerSecond);
            }
        }

        try
        {
            using var other = Process.GetProcessById(process);
            return other.TotalProcessorTime.TotalSeconds;
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
        {
            return 0;
        }
    }

    [LibraryImport("libc")]
    private static partial int clock_getcpuclockid(int process, out int clock);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, long* time);
}
