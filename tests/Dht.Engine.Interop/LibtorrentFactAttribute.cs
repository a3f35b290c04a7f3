using System.Diagnostics;

namespace Dht.Engine.Interop;

/// <summary>
/// A test against a real libtorrent; skipped, with the reason, where Debian's Python cannot import it.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LibtorrentFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Missing = new(Probe);

    public LibtorrentFactAttribute() => Skip = Missing.Value;

    private static string? Probe()
    {
        const string advice = "libtorrent for Python is not installed; on Debian: apt-get install python3-libtorrent";
        if (!File.Exists(LibtorrentPeer.Interpreter))
        {
            return advice;
        }

        var start = new ProcessStartInfo(LibtorrentPeer.Interpreter, ["-c", "import libtorrent"])
        {
            RedirectStandardError = true,
        };
        using Process? process = Process.Start(start);
        process!.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : advice;
    }
}
