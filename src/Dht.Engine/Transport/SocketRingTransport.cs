using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Rpc;

namespace Dht.Engine.Transport;

/// <summary>
/// The transport for every platform: a ring of <see cref="SocketAsyncEventArgs"/>, each with a buffer and an end
/// point of its own.
/// </summary>
/// <remarks>
/// <code>
/// slots   0   1   2   3   4   5 ...
///         [ filled, to be handed over ][armed][ free ...
///           _tail                       _head
/// </code>
/// A drain arms slots from the head on. Each that the system fills at once joins the batch; the first that it does
/// not stays armed and ends the drain. So one receive is always under way while a batch is worked on, order is kept,
/// and under load no completion crosses threads. Sends complete at once unless the socket's buffer is full; then they
/// are waited for, which is the back-pressure. Nothing is allocated once warm.
/// </remarks>
public sealed class SocketRingTransport : IDatagramTransport
{
    private const int SlotCount = 128;
    private const int BatchMax = SlotCount - 1;

    // The longest wait that the signal accepts; longer timeouts are clamped.
    private static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(int.MaxValue);

    private readonly Socket _socket;
    private readonly KernelDrops _drops;

    // One byte more than is accepted: not every system says that it cut a datagram off, but a full buffer does.
    private readonly PinnedBuffer _buffers = new(DatagramSocket.DatagramSizeMax + 1, SlotCount);
    private readonly SocketAsyncEventArgs[] _slots = new SocketAsyncEventArgs[SlotCount];
    private readonly SocketAsyncEventArgs _sender = new();
    private readonly ReusableEndPoint _sendTo;

    // Without spinning, which on few processors keeps those from running that would end the wait.
    private readonly ManualResetEventSlim _signal = new(initialState: false, spinCount: 0);
    private readonly ManualResetEventSlim _sent = new();
    private TransportCounters _counters;
    private int _head;
    private int _tail;
    private bool _armed;
    private volatile bool _armedDone;
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
                _counters.LastSendError = _sender.SocketError;
                outbox.Refuse(i);
            }
        }

        outbox.Clear();
    }

    /// <inheritdoc/>
    public void Wait(TimeSpan timeout)
    {
        if ((_armed && !_armedDone) || _signal.IsSet)
        {
            _signal.Wait(TimeSpan.FromTicks(Math.Clamp(timeout.Ticks, 0, WaitMax.Ticks)));
            _signal.Reset();
        }
    }

    /// <inheritdoc/>
    public void Wake() => _signal.Set();

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
            SpinWait.SpinUntil(() => _armedDone, TimeSpan.FromSeconds(1));
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
            if (!_armedDone)
            {
                return;
            }

            _armed = false;
            _armedDone = false;
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
        Endpoint source = ((ReusableEndPoint)slot.RemoteEndPoint!).Value;
        receiver.OnDatagram(slot.MemoryBuffer.Span[..length], source, local: default);
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

    private void OnArmedDone()
    {
        _armedDone = true;
        _signal.Set();
    }

    private static int Next(int slot) => slot + 1 == SlotCount ? 0 : slot + 1;
}
