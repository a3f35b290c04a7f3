using System.Runtime.InteropServices;

namespace Dht.Cli.Output;

/// <summary>
/// Standard output or standard error, without the framework's console between: that hides the end of a reader, and
/// holds one lock for both, so that a reader who no longer reads the one would hold up the other.
/// </summary>
internal sealed unsafe partial class StandardStream : Stream
{
    /// <summary>The number of the error when the reader has gone.</summary>
    public const int BrokenPipe = 32;

    private const int OutputHandle = 1;
    private const int ErrorHandle = 2;
    private const int GetHandleFlags = 1;
    private const int CloseOnExec = 1;
    private const int Interrupted = 4;

    // EAGAIN of Linux and of the BSDs: whoever shares the pipe has made it one that does not wait.
    private static readonly int[] NotNow = [11, 35];
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(5);

    // They keep their numbers, so that no socket and no file of ours gets one of them.
    private static readonly List<SafeHandle> Placeholders = [];

    private readonly int _handle;
    private readonly Stream? _console;

    private StandardStream(int handle, bool isMissing)
    {
        _handle = handle;
        IsMissing = isMissing;
        if (OperatingSystem.IsWindows())
        {
            _console = handle == OutputHandle ? Console.OpenStandardOutput() : Console.OpenStandardError();
        }
    }

    public static StandardStream Output { get; private set; } = new(OutputHandle, isMissing: false);

    public static StandardStream Error { get; private set; } = new(ErrorHandle, isMissing: false);

    /// <summary>Whether the process was started without it. Nothing is written then.</summary>
    public bool IsMissing { get; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// Finds out which of the standard handles the process was given, before anything else is opened. A number that is
    /// free is occupied; one that the runtime has taken for itself is left to it.
    /// </summary>
    public static void Secure()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        for (int handle = 0; handle <= ErrorHandle; handle++)
        {
            int flags = GetFlags(handle, GetHandleFlags);
            if (flags < 0)
            {
                Placeholders.Add(File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite));
            }

            // What is closed by exec cannot have come through one: the runtime opened it.
            bool isMissing = flags < 0 || (flags & CloseOnExec) != 0;
            if (isMissing && handle == OutputHandle)
            {
                Output = new StandardStream(handle, isMissing);
            }
            else if (isMissing && handle == ErrorHandle)
            {
                Error = new StandardStream(handle, isMissing);
            }
        }
    }

    /// <exception cref="IOException">It cannot be written; the number of the error is its result.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (IsMissing)
        {
            throw new IOException("it is closed");
        }

        if (_console != null)
        {
            _console.Write(buffer);
            _console.Flush();
            return;
        }

        while (buffer.Length > 0)
        {
            nint written;
            fixed (byte* start = buffer)
            {
                written = Write(_handle, start, buffer.Length);
            }

            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (NotNow.Contains(error))
            {
                Thread.Sleep(RetryInterval);
            }
            else if (error != Interrupted)
            {
                throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is kept back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int GetFlags(int handle, int command);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int handle, byte* buffer, nint count);
}
