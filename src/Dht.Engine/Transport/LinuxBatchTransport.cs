using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Dht.Engine.Addressing;
using Dht.Engine.Rpc;
using static Dht.Engine.Transport.LinuxNative;

namespace Dht.Engine.Transport;

/// <summary>
/// The transport for 64-bit Linux: recvmmsg and sendmmsg move up to 64 datagrams a call.
/// </summary>
/// <remarks>
/// Batches only form when the reader waits a little, so after a short batch it naps for a millisecond or less without looking at the
/// socket; once a nap has brought nothing it sleeps on the socket and wakes with the first datagram (<see cref="DrainPace"/>). So an
/// idle node costs nothing and answers at once, and a busy one spends its time on packets instead of on waking up.
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed unsafe class LinuxBatchTransport : IDatagramTransport
{
    private const int BatchMax = 64;
    private const int SendAttempts = 20;

    private static readonly TimeSpan RoomPatience = TimeSpan.FromMilliseconds(1);

    private readonly Socket _socket;
    private readonly KernelDrops _drops;
    private readonly int _socketHandle;
    private readonly int _eventHandle;
    private readonly bool _isIPv6;
    private readonly LinuxBatch _in = new(BatchMax, new PinnedBuffer(DatagramSocket.DatagramSizeMax, BatchMax));
    private readonly LinuxBatch _out = new(BatchMax, buffers: null);
    private readonly Lock _eventGate = new();
    private TransportCounters _counters;
    private DrainPace _pace;
    private int _lastBatch;
    private int _next;

    // Waits left in this Send: a socket that stays blocked must not hold up the loop for every datagram anew.
    private int _patience;
    private int _wakes;
    private bool _disposed;

    /// <summary>Binds a socket.</summary>
    /// <exception cref="SocketException">The address is not ours, or the port is taken.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not 64-bit Linux.</exception>
    public LinuxBatchTransport(Endpoint local)
    {
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException("The batch transport needs 64-bit Linux; use the ring.");
        }

        _socket = DatagramSocket.Bind(local);
        _socketHandle = (int)_socket.SafeHandle.DangerousGetHandle();
        _eventHandle = CreateEvent();
        if (_eventHandle < 0)
        {
            _socket.Dispose();
            throw new SocketException(Marshal.GetLastPInvokeError());
        }

        _isIPv6 = local.IsIPv6;
        _drops = new KernelDrops(_socket);
        LocalEndpoint = DatagramSocket.LocalEndpoint(_socket);
        Buffers = DatagramSocket.Buffers(_socket);
    }

    /// <inheritdoc/>
    public Endpoint LocalEndpoint { get; }

    /// <inheritdoc/>
    public TransportCounters Counters => _counters with { KernelDropped = _drops.Read() };

    /// <inheritdoc/>
    public TransportBuffers Buffers { get; }

    /// <inheritdoc/>
    public int Receive(IDatagramReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        if (_next == _lastBatch)
        {
            Drain();
        }

        // A receiver that throws loses its datagram; what is left of the batch is handed over by the next call.
        int count = _lastBatch - _next;
        while (_next < _lastBatch)
        {
            int i = _next++;
            if ((_in.Messages[i].Flags & MsgTrunc) != 0)
            {
                _counters.Truncated++;
                continue;
            }

            ReadOnlySpan<byte> datagram = _in.Received(i);
            _counters.Received++;
            _counters.BytesReceived += datagram.Length;
            receiver.OnDatagram(datagram, SocketAddressCodec.Read(_in.Name(i), _isIPv6));
        }

        return count;
    }

    /// <inheritdoc/>
    public void Send(Outbox outbox)
    {
        ArgumentNullException.ThrowIfNull(outbox);
        int next = 0;
        _patience = SendAttempts;
        while (next < outbox.Count)
        {
            int filled = 0;
            for (; filled < BatchMax && next < outbox.Count; next++)
            {
                filled += Fill(filled, outbox, next) ? 1 : 0;
            }

            SendFilled(filled);
        }

        outbox.Clear();
    }

    /// <inheritdoc/>
    public void Wait(TimeSpan timeout)
    {
        if (_lastBatch >= DrainPace.Few || _next < _lastBatch || timeout <= TimeSpan.Zero)
        {
            return;
        }

        TimeSpan nap = _pace.Next();
        bool isNap = nap > TimeSpan.Zero;

        PollEntry* entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry { File = _eventHandle, Events = PollIn };
        entries[1] = new PollEntry { File = _socketHandle, Events = PollIn };
        TimeSpec limit = TimeSpec.From(isNap && timeout > nap ? nap : timeout);
        if (Poll(entries, isNap ? 1u : 2u, &limit, null) > 0 && entries[0].Returned != 0)
        {
            ulong value;
            _ = Read(_eventHandle, &value, sizeof(ulong));

            // A full fence: what a waker left for us before it found the mark set must be seen once we return.
            Interlocked.Exchange(ref _wakes, 0);
        }
    }

    /// <inheritdoc/>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _wakes, 1) != 0)
        {
            return;
        }

        lock (_eventGate)
        {
            if (!_disposed)
            {
                ulong one = 1;
                _ = Write(_eventHandle, &one, sizeof(ulong));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A late Wake must not write into a file that got this number since.
        lock (_eventGate)
        {
            if (!_disposed)
            {
                _disposed = true;
                _socket.Dispose();
                _ = Close(_eventHandle);
            }
        }
    }

    private void Drain()
    {
        _in.ArmReceive(_lastBatch);
        int count;
        fixed (MessageHeader* messages = _in.Messages)
        {
            count = ReceiveMany(_socketHandle, messages, BatchMax, MsgDontWait, null);
        }

        if (count < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            _counters.ReceiveErrors += error is Eagain or Eintr ? 0 : 1;
            count = 0;
        }

        _lastBatch = count;
        _next = 0;
        _pace.Add(count);
    }

    private bool Fill(int place, Outbox outbox, int index)
    {
        Span<byte> name = _out.Name(place);
        if (!SocketAddressCodec.TryWrite(outbox.Destination(index), name, _isIPv6))
        {
            _counters.SendErrors++;
            return false;
        }

        BitConverter.TryWriteBytes(name, (ushort)(_isIPv6 ? AfInet6 : AfInet));
        _out.Messages[place].NameLength = (uint)(_isIPv6 ? SocketAddressCodec.SizeIPv6 : SocketAddressCodec.SizeIPv4);
        fixed (byte* bytes = outbox.Bytes)
        {
            // The outbox's array is pinned for its lifetime, so the address outlives this block.
            _out.Vectors[place].Base = bytes + outbox.StartOf(index);
        }

        _out.Vectors[place].Length = (nuint)outbox.Datagram(index).Length;
        return true;
    }

    private void SendFilled(int count)
    {
        int done = 0;
        fixed (MessageHeader* messages = _out.Messages)
        {
            while (done < count)
            {
                int sent = SendMany(_socketHandle, messages + done, (uint)(count - done), MsgDontWait);
                if (sent > 0)
                {
                    Count(done, sent);
                    done += sent;
                    continue;
                }

                int error = Marshal.GetLastPInvokeError();
                bool passing = error is Eagain or Enobufs or Eintr;
                if (passing && _patience-- > 0)
                {
                    WaitForRoom(error);
                    continue;
                }

                // The first of the rest is refused (no route, no permission): drop it alone.
                _counters.SendErrors++;
                done++;
            }
        }
    }

    private void Count(int first, int sent)
    {
        _counters.Sent += sent;
        for (int i = first; i < first + sent; i++)
        {
            _counters.BytesSent += (long)_out.Vectors[i].Length;
        }
    }

    /// <summary>Waits a millisecond at most: until the socket has room, or, when a queue below it has none, just so long.</summary>
    private void WaitForRoom(int error)
    {
        PollEntry entry = new() { File = _socketHandle, Events = PollOut };
        TimeSpec limit = TimeSpec.From(RoomPatience);
        _ = Poll(&entry, error == Eagain ? 1u : 0u, &limit, null);
    }
}
