using System.Text;

namespace Dht.Cli.Output;

/// <summary>
/// Results on standard output. Whoever adds waits when the reader is slow, so that none is lost, until the process is
/// told to end: then the reader has some seconds.
/// </summary>
internal static class StandardOutput
{
    private const int BytesMax = 256 * 1024;

    private static readonly OutputQueue Queue = new("dht stdout", static () => StandardStream.Output, BytesMax);

    private static volatile bool _isIncomplete;

    /// <summary>Whether nothing can be written any more: the reader has gone, or the disk is full.</summary>
    public static bool IsClosed => Queue.Fault != null;

    /// <summary>Adds what the command is there for; false when it cannot be written, or not in time.</summary>
    public static bool TryWrite(byte[] result)
    {
        bool isTaken = Queue.Add(result, static () => StopSignal.Instance.OutputTimeLeft);
        _isIncomplete |= !isTaken;
        return isTaken;
    }

    /// <summary>Adds a line of results, as <see cref="TryWrite"/> does.</summary>
    public static bool TryWriteLine(string line) => TryWrite(Encoding.UTF8.GetBytes(line + "\n"));

    /// <summary>
    /// Adds lines about a run whose result is elsewhere, if there is a standard output: a service may have none.
    /// </summary>
    public static void WriteSummary(string lines)
    {
        if (!StandardStream.Output.IsMissing)
        {
            TryWriteLine(lines);
        }
    }

    /// <summary>
    /// Waits until all is written, or for some seconds once the process is told to end. Returns why something is
    /// missing; null when nothing is, or when the reader did not want more.
    /// </summary>
    public static string? Finish()
    {
        bool isInTime = Queue.Drain(static () => StopSignal.Instance.OutputTimeLeft);
        return Queue.Fault switch
        {
            null when isInTime && !_isIncomplete => null,
            null => "cannot write standard output: nobody reads it",
            { HResult: StandardStream.BrokenPipe } when !OperatingSystem.IsWindows() => null,
            { } fault => $"cannot write standard output: {fault.Message}",
        };
    }
}
