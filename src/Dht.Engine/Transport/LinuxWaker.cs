using System.Net.Sockets;
using System.Runtime.InteropServices;
using static Dht.Engine.Transport.LinuxNative;

namespace Dht.Engine.Transport;

/// <summary>
/// What ends a thread's rest from another thread: an event of the system (eventfd), which can be waited for together
/// with a socket. One thread rests; <see cref="Wake"/> is thread-safe.
/// </summary>
internal sealed unsafe class LinuxWaker : IDisposable
{
    private readonly int _handle;
    private readonly Lock _gate = new();
    private int _wakes;
    private bool _disposed;

    /// <exception cref="SocketException">The process has too many files.</exception>
    public LinuxWaker()
    {
        _handle = CreateEvent();
        if (_handle < 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>
    /// Rests until <see cref="Wake"/>, until the timeout, or until a socket may have something to receive.
    /// </summary>
    /// <param name="timeout">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> has no end.</param>
    /// <param name="socket">The handle of the socket to look at; negative for none.</param>
    public void Rest(TimeSpan timeout, int socket = -1)
    {
        PollEntry* entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry { File = _handle, Events = PollIn };
        entries[1] = new PollEntry { File = socket, Events = PollIn };
        TimeSpec limit = TimeSpec.From(timeout);
        TimeSpec* patience = timeout == Timeout.InfiniteTimeSpan ? null : &limit;
        if (Poll(entries, socket < 0 ? 1u : 2u, patience, null) > 0 && entries[0].Returned != 0)
        {
            ulong value;
            _ = Read(_handle, &value, sizeof(ulong));

            // A full fence: what a waker left for us before it found the mark set must be seen once we return.
            Interlocked.Exchange(ref _wakes, 0);
        }
    }

    /// <summary>Ends the current rest, or the next one. Does nothing after <see cref="Dispose"/>.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _wakes, 1) != 0)
        {
            return;
        }

        lock (_gate)
        {
            if (!_disposed)
            {
                ulong one = 1;
                _ = Write(_handle, &one, sizeof(ulong));
            }
        }
    }

    public void Dispose()
    {
        // A late Wake must not write into a file that got this number since.
        lock (_gate)
        {
            if (!_disposed)
            {
                _disposed = true;
                _ = Close(_handle);
            }
        }
    }
}
