using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dht.Engine.Bench.Load.Machine;

/// <summary>
/// The two cores of a measurement: one for the server, the other for the load. Linux only; elsewhere, and on a
/// machine of one core, nothing is pinned.
/// </summary>
internal static unsafe partial class ProcessorCores
{
    // 1,024 cores, as the C library's cpu_set_t.
    private const int MaskBytes = 128;

    /// <summary>The core of the server under test; null when nothing can be pinned.</summary>
    public static int? Server { get; private set; }

    /// <summary>The core of the load generator; null when nothing can be pinned.</summary>
    public static int? Generator { get; private set; }

    /// <summary>Why nothing is pinned; null when it is.</summary>
    public static string? Notice { get; private set; } = Choose();

    /// <summary>
    /// Starts a process on one core. The mask of this thread is lent to it, because a child inherits the mask of the
    /// thread that starts it, with all the threads it will ever have.
    /// </summary>
    public static Process StartOn(int? core, ProcessStartInfo start)
    {
        if (core is not { } number)
        {
            return Process.Start(start)!;
        }

        byte* before = stackalloc byte[MaskBytes];
        byte* wanted = stackalloc byte[MaskBytes];
        new Span<byte>(wanted, MaskBytes).Clear();
        wanted[number / 8] = (byte)(1 << (number % 8));
        int size = sched_getaffinity(0, MaskBytes, before);
        _ = sched_setaffinity(0, MaskBytes, wanted);
        try
        {
            return Process.Start(start)!;
        }
        finally
        {
            _ = sched_setaffinity(0, (nuint)size, before);
        }
    }

    private static string? Choose()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "Nothing is pinned: this system has no sched_setaffinity. Server and load share all cores.";
        }

        byte* mask = stackalloc byte[MaskBytes];
        int size = sched_getaffinity(0, MaskBytes, mask);
        var cores = new List<int>();
        for (int i = 0; i < size * 8; i++)
        {
            if ((mask[i / 8] & (1 << (i % 8))) != 0)
            {
                cores.Add(i);
            }
        }

        if (cores.Count < 2)
        {
            return "Nothing is pinned: there is one core only. Server and load take turns on it, so the figures say "
                + "little.";
        }

        Server = cores[0];
        Generator = cores[1];
        return null;
    }

    // The wrapper of the C library returns 0, the system call the size of the mask; the wrapper clears what the
    // system does not fill.
    private static int sched_getaffinity(int thread, nuint size, byte* mask) =>
        GetAffinity(thread, size, mask) == 0 ? (int)size : 0;

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nuint size, byte* mask);

    [LibraryImport("libc")]
    private static partial int sched_setaffinity(int thread, nuint size, byte* mask);
}
