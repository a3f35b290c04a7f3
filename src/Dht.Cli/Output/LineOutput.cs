using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Dht.Cli.Output;

/// <summary>
/// Lines on standard output, each written out at once, so that a reader has them as they come. It notices when the
/// reader has gone, which the framework's console hides: <c>| head</c> shall end the search, not only the display.
/// </summary>
internal sealed class LineOutput : IDisposable
{
    private const int BrokenPipe = 32;
    private const nint StandardOutput = 1;

    private readonly Stream _stream;

    public LineOutput() => _stream = Open();

    /// <summary>Whether the reader has gone.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Writes a line; false when the reader has gone.</summary>
    /// <exception cref="FailureException">It cannot be written for another reason.</exception>
    public bool TryWrite(string line)
    {
        if (IsClosed)
        {
            return false;
        }

        try
        {
            _stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
            _stream.Flush();
            return true;
        }
        catch (IOException fault) when (!OperatingSystem.IsWindows() && fault.HResult == BrokenPipe)
        {
            IsClosed = true;
            return false;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new FailureException($"cannot write standard output: {fault.Message}", fault);
        }
    }

    public void Dispose() => _stream.Dispose();

    private static Stream Open()
    {
        if (!OperatingSystem.IsWindows())
        {
            try
            {
                var raw = new FileStream(
                    new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
                if (!raw.CanSeek)
                {
                    return raw;
                }

                // A file cannot be closed by its reader, and may be shared with standard error, whose end only the
                // console heeds.
                raw.Dispose();
            }
            catch (Exception fault) when (fault is IOException or ArgumentException or UnauthorizedAccessException)
            {
                // It is closed, or of a kind that only the console knows.
            }
        }

        return Console.OpenStandardOutput();
    }
}
