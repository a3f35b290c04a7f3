using System.Runtime.InteropServices;
using System.Text;

namespace Dht.Cli;

/// <summary>
/// How many files the system lets the process open. The runtime opens two for each library, and where it cannot, it
/// fails anywhere, without a word or with a stack trace.
/// </summary>
/// <remarks>Uses no library but the runtime's first.</remarks>
internal static unsafe partial class OpenFiles
{
    // 70 were enough for a node, and 96 for a crawl with a file.
    private const int Least = 96;

    private const int LimitOnLinux = 7;
    private const int LimitElsewhere = 8;
    private const int StandardError = 2;

    /// <summary>Whether there are enough; otherwise standard error says how many there are.</summary>
    public static bool Suffice()
    {
        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        // The runtime has raised the limit as far as it may.
        nuint* limits = stackalloc nuint[2];
        if (GetLimit(OperatingSystem.IsLinux() ? LimitOnLinux : LimitElsewhere, limits) != 0 || limits[0] >= Least)
        {
            return true;
        }

        string message = $"dht: the system lets it open {limits[0]} files only, and it needs {Least}; see ulimit -n\n";
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        fixed (byte* start = bytes)
        {
            _ = Write(StandardError, start, bytes.Length);
        }

        return false;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int kind, nuint* limits);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int handle, byte* buffer, nint count);
}
