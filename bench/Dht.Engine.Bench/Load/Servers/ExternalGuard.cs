using System.Diagnostics;
using System.Globalization;

namespace Dht.Engine.Bench.Load.Servers;

/// <summary>
/// Stands between the parent and a foreign server, which knows nothing of its parent's end: when standard input
/// closes, the server is ended.
/// </summary>
internal static class ExternalGuard
{
    public const string Name = "external";

    /// <param name="port">Where the server listens.</param>
    /// <param name="command">One program with its arguments, for the shell.</param>
    public static async Task RunAsync(int port, string command)
    {
        // The shell becomes the program, so that the number is the program's; what it prints goes past our own
        // protocol.
        using Process server = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-c", $"exec {command} 1>&2"]) { RedirectStandardInput = true })!;
        ServerConsole.Say(string.Create(CultureInfo.InvariantCulture, $"ready {port} {server.Id}"));
        Task<string?> parent = Task.Run(Console.In.ReadLine);
        await Task.WhenAny(parent, server.WaitForExitAsync()).ConfigureAwait(false);
        if (!server.HasExited)
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync().ConfigureAwait(false);
        }
    }
}
