using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Buffers;
using Dht.Engine.Rpc;

namespace Dht.Engine.Transport;

/// <summary>
/// The transport for every platform: a ring of <see cref="SocketAsyncEventArgs"/>, each with a buffer and an end point of its own.
/// </summary>
/// <remarks>
/// <code>
/// slots   0   1   2   3   4   5 ...
///         [ filled, to be handed over ][armed][ free ...
///           _tail                       _head
/// </code>
/// A drain arms slots from the head on. Each that the system fills at once joins the batch; the first that it does not stays armed
/// and ends the drain. So one receive is always under way while a batch is worked on, order is kept, and under load no completion
/// crosses threads. After a short drain it naps for a millisecond, in which the completion of the armed slot wakes nobody
/// (<see cref="DrainPace"/>): waking up costs several times what a datagram does. Sends complete at once unless the socket's buffer is
/// full; then they are waited for, which is the back-pressure. Nothing is allocated once warm.
/// </remarks>
public sealed class SocketRingTransport : IDatagramTransport
{
    private const int SlotCount = 128;
    private const int BatchMax = SlotCount - 1;

    // What the signal can wait; nobody misses the end of a longer one.
    private static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(int.MaxValue);

    private readonly Socket _socket;
    private readonly KernelDrops _drops;

    // One byte more than is accepted: not every system says that it cut a datagram off, but a full buffer does.
    private readonly PinnedBuffer _buffers = new(DatagramSocket.DatagramSizeMax + 1, SlotCount);
    private readonly SocketAsyncEventArgs[] _slots = new SocketAsyncEventArgs[SlotCount];
    private readonly SocketAsyncEventArgs _sender = new();
    private readonly ReusableEndPoint _sendTo;
    // Without spinning: a nap that burns the processor is none.
    private readonly ManualResetEventSlim _signal = new(initialState: false, spinCount: 0);
    private readonly ManualResetEventSlim _sent = new();
    private TransportCounters _counters;
    private DrainPace _pace;
    private int _lastBatch;
    private int _head;
    private int _tail;
    private bool _armed;
    private int _armedDone;
    private int _napping;
    private int _woken;
    private volatile bool _disposed;

    /// <summary>Binds a socket.</summary>
    /// <exception cref="SocketException">The address is not ours, or the port is taken.</exception>
    public SocketRingTransport(Endpoint local)
    {
        _socket = DatagramSocket.Bind(local);
        _drops = new KernelDrops(_socket);
        LocalEndpoint = DatagramSocket.LocalEndpoint(_socket);
        Buffers = DatagramSocket.Buffers(_socket);
        for (int i = 0; i < SlotCount; i++)
        {
            _slots[i] = new SocketAsyncEventArgs { RemoteEndPoint = new ReusableEndPoint(_socket.AddressFamily) };
            _slots[i].SetBuffer(_buffers.BlockMemory(i));
            _slots[i].Completed += (_, _) => OnArmedDone();
        }

        _sendTo = new ReusableEndPoint(_socket.AddressFamily);
        _sender.RemoteEndPoint = _sendTo;
        _sender.Completed += (_, _) => _sent.Set();
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
        if (_tail == _head)
        {
            Drain();
        }

        // A receiver that throws loses its datagram; what is left of the batch is handed over by the next call.
        int count = 0;
        while (_tail != _head)
        {
            SocketAsyncEventArgs slot = _slots[_tail];
            _tail = Next(_tail);
            count += HandOver(slot, receiver) ? 1 : 0;
        }

        _lastBatch = count;
        _pace.Add(count);
        return count;
    }

    /// <inheritdoc/>
    public void Send(Outbox outbox)
    {
        ArgumentNullException.ThrowIfNull(outbox);
        for (int i = 0; i < outbox.Count; i++)
        {
            int length = outbox.Datagram(i).Length;
            _sender.SetBuffer(outbox.Bytes, outbox.StartOf(i), length);
            if (_sendTo.TrySet(outbox.Destination(i)) && TrySendOne())
            {
                _counters.Sent++;
                _counters.BytesSent += length;
            }
            else
            {
                _counters.SendErrors++;
            }
        }

        outbox.Clear();
    }

    /// <inheritdoc/>
    public void Wait(TimeSpan timeout)
    {
        // A drain that was not short has left more behind, or will have by the next one.
        if (_lastBatch >= DrainPace.Few || timeout <= TimeSpan.Zero)
        {
            return;
        }

        // Threads sleep by whole milliseconds.
        TimeSpan nap = _pace.Next();
        if (nap >= DrainPace.Longest)
        {
            SleepUnarmed(nap < timeout ? nap : timeout);
        }
        else if (_armed && Volatile.Read(ref _armedDone) == 0 && Volatile.Read(ref _woken) == 0)
        {
            _signal.Wait(TimeSpan.FromTicks(Math.Min(timeout.Ticks, WaitMax.Ticks)));
        }

        _signal.Reset();

        // A full fence: what a waker left for us must be seen once we return.
        Interlocked.Exchange(ref _woken, 0);
    }

    /// <inheritdoc/>
    public void Wake()
    {
        Volatile.Write(ref _woken, 1);
        _signal.Set();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _socket.Dispose();
        if (_armed)
        {
            // The pending receive completes with an error; until then the system may write into its buffer.
            SpinWait.SpinUntil(() => Volatile.Read(ref _armedDone) != 0, TimeSpan.FromSeconds(1));
        }

        foreach (SocketAsyncEventArgs slot in _slots)
        {
            slot.Dispose();
        }

        _sender.Dispose();
        _sent.Dispose();
    }

    private void Drain()
    {
        if (_armed)
        {
            if (Volatile.Read(ref _armedDone) == 0)
            {
                return;
            }

            _armed = false;
            Volatile.Write(ref _armedDone, 0);
            _head = Next(_head);
        }

        for (int i = 0; i < BatchMax - 1 && !_armed; i++)
        {
            if (_socket.ReceiveFromAsync(_slots[_head]))
            {
                _armed = true;
            }
            else
            {
                _head = Next(_head);
            }
        }
    }

    private bool HandOver(SocketAsyncEventArgs slot, IDatagramReceiver receiver)
    {
        int length = slot.BytesTransferred;
        if (slot.SocketError == SocketError.MessageSize || length > DatagramSocket.DatagramSizeMax)
        {
            _counters.Truncated++;
            return false;
        }

        if (slot.SocketError != SocketError.Success)
        {
            _counters.ReceiveErrors++;
            return false;
        }

        _counters.Received++;
        _counters.BytesReceived += length;
        receiver.OnDatagram(slot.MemoryBuffer.Span[..length], ((ReusableEndPoint)slot.RemoteEndPoint!).Value);
        return true;
    }

    private bool TrySendOne()
    {
        _sent.Reset();
        if (_socket.SendToAsync(_sender))
        {
            _sent.Wait();
        }

        return _sender.SocketError == SocketError.Success;
    }

    /// <summary>Sleeps until the time is up or somebody wakes us; what arrives meanwhile has to wait.</summary>
    private void SleepUnarmed(TimeSpan time)
    {
        Interlocked.Exchange(ref _napping, 1);

        // It may be set by a datagram that arrived since the drain; a waker sets its mark first.
        _signal.Reset();
        if (Volatile.Read(ref _woken) == 0)
        {
            _signal.Wait(time);
        }

        Interlocked.Exchange(ref _napping, 0);
    }

    // Either we see here that the nap is over, or the loop, back from it, sees that the slot is filled: both exchange before they look.
    private void OnArmedDone()
    {
        Interlocked.Exchange(ref _armedDone, 1);
        if (Volatile.Read(ref _napping) == 0)
        {
            _signal.Set();
        }
    }

    private static int Next(int slot) => slot + 1 == SlotCount ? 0 : slot + 1;
}
