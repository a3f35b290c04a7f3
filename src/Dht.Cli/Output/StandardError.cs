using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Dht.Cli.Output;

/// <summary>
/// Lines for people on standard error. That it is closed, that its terminal is gone, or that its reader no longer reads
/// is no reason to lose or to hold up what is being gathered, so lines that cannot be written are dropped.
/// </summary>
internal static class StandardError
{
    private const int BytesMax = 256 * 1024;

    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(0.5);

    private static readonly OutputQueue Queue = new(
        "dht stderr", static () => StandardStream.Error, BytesMax, static count => Encode(string.Create(
            CultureInfo.InvariantCulture, $"dht: {count} lines are missing here: nobody read them")));

    /// <summary>Adds a line; it is dropped when those before it are not read.</summary>
    public static void WriteLine(string line) => Queue.AddOrDrop(Encode(line));

    /// <summary>Adds text as it is, as <see cref="WriteLine"/> does with a line.</summary>
    public static void Write(string text) => Queue.AddOrDrop(Encoding.UTF8.GetBytes(text));

    /// <summary>Adds the line that says why a run ends.</summary>
    public static void Complain(string message) =>
        Queue.AddOrDrop(Encode("dht: " + message.ReplaceLineEndings(" ")), always: true);

    /// <summary>
    /// Waits a moment until all is shown: what standard output shows next may share a terminal with it.
    /// </summary>
    public static void Settle()
    {
        long startedAt = Stopwatch.GetTimestamp();
        Queue.Drain(() => LastPatience - Stopwatch.GetElapsedTime(startedAt));
    }

    /// <summary>Gives a slow reader a little time for the last lines, and goes without it then.</summary>
    public static void Finish()
    {
        long startedAt = Stopwatch.GetTimestamp();
        TimeSpan patience = StopSignal.Instance.IsRaised
            ? TimeSpan.FromTicks(Math.Min(
                EndPatience.Ticks, (StopSignal.Instance.OutputTimeLeft + LastPatience).Ticks))
            : EndPatience;
        Queue.Drain(() => patience - Stopwatch.GetElapsedTime(startedAt));
    }

    private static byte[] Encode(string line) => Encoding.UTF8.GetBytes(line + "\n");
}
