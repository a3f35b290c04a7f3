using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Rpc;

namespace Dht.Engine.Transport;

/// <summary>
/// A socket with a ring of <see cref="SocketAsyncEventArgs"/> to receive into, each with a buffer and an end point of
/// its own, and one more to send with.
/// </summary>
/// <remarks>
/// <code>
/// slots   0   1   2   3   4   5 ...
///         [ filled, to be handed over ][armed][ free ...
///           _tail                       _head
/// </code>
/// A drain arms slots from the head on. Each that the system fills at once joins the batch; the first that it does
/// not stays armed and ends the drain. So one receive is always under way while a batch is worked on, order is kept,
/// and under load no completion crosses threads. One thread; nothing is allocated once warm.
/// </remarks>
internal sealed class RingSocket : IDisposable
{
    private readonly Socket _socket;
    private readonly ManualResetEventSlim _signal;
    private readonly KernelDrops _drops;
    private readonly PinnedBuffer _buffers;
    private readonly SocketAsyncEventArgs[] _slots;
    private readonly SocketAsyncEventArgs _sender = new();
    private readonly ReusableEndPoint _sendTo;

    // What is sent lies here, not in the outbox: a send that the system puts off may outlive the outbox's datagram.
    private readonly PinnedBuffer _sending = new(Outbox.DatagramSizeMax, 1);
    private readonly ManualResetEventSlim _sent = new(initialState: true);
    private bool _isPutOff;
    private SocketError _lateError;
    private int _head;
    private int _tail;
    private bool _armed;
    private volatile bool _armedDone;

    /// <param name="socket">Bound; owned from now on.</param>
    /// <param name="local">
    /// The address of ours that it is for; of no family when it takes what comes to any of them.
    /// </param>
    /// <param name="slotCount">Datagrams that a batch may have, and one more.</param>
    /// <param name="signal">Set when something has come while none was there.</param>
    public RingSocket(Socket socket, in Endpoint local, int slotCount, ManualResetEventSlim signal)
    {
        _socket = socket;
        _signal = signal;
        _drops = new KernelDrops(socket);
        Local = local;

        // One byte more than is accepted: not every system says that it cut a datagram off, but a full buffer does.
        _buffers = new PinnedBuffer(DatagramSocket.ReceiveBlockSize, slotCount);
        _slots = new SocketAsyncEventArgs[slotCount];
        for (int i = 0; i < slotCount; i++)
        {
            _slots[i] = new SocketAsyncEventArgs { RemoteEndPoint = new ReusableEndPoint(socket.AddressFamily) };
            _slots[i].SetBuffer(_buffers.BlockMemory(i)[..(DatagramSocket.DatagramSizeMax + 1)]);
            _slots[i].Completed += (_, _) => OnArmedDone();
        }

        _sendTo = new ReusableEndPoint(socket.AddressFamily);
        _sender.RemoteEndPoint = _sendTo;
        _sender.Completed += (_, _) => _sent.Set();
    }

    /// <summary>The address of ours that it is for; of no family when it is for all that have no other.</summary>
    public Endpoint Local { get; }

    public Socket Socket => _socket;

    /// <summary>Whether there may be something to receive.</summary>
    public bool HasMore => !_armed || _armedDone || _tail != _head;

    public long KernelDropped => _drops.Read();

    /// <summary>Hands over what has arrived, at most one batch, without waiting; counts it.</summary>
    public int Receive(IDatagramReceiver receiver, ref TransportCounters counters)
    {
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
            count += HandOver(slot, receiver, ref counters) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Sends a datagram, or leaves it to the system to send it when there is room.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="datagram">Copied.</param>
    /// <param name="patience">How long to wait for room; what is waited is taken off.</param>
    /// <returns>Why it was not sent, or <see cref="SocketError.Success"/>.</returns>
    public SocketError Send(in Endpoint destination, ReadOnlySpan<byte> datagram, ref TimeSpan patience)
    {
        if (!_sent.IsSet && !WaitForRoom(ref patience))
        {
            return SocketError.WouldBlock;
        }

        NotePutOff();

        if (!_sendTo.TrySet(destination))
        {
            return SocketError.AddressFamilyNotSupported;
        }

        datagram.CopyTo(_sending.Bytes);
        _sender.SetBuffer(_sending.Bytes, 0, datagram.Length);
        _sent.Reset();
        if (!_socket.SendToAsync(_sender))
        {
            _sent.Set();
            return _sender.SocketError;
        }

        // The buffer of the socket is full. The system sends it later, and the next waits until it has.
        _isPutOff = true;
        return SocketError.Success;
    }

    /// <summary>
    /// Takes what became of a datagram that was left to the system: whether it was refused after all.
    /// </summary>
    public bool TryTakeLateError(out SocketError error)
    {
        if (_sent.IsSet)
        {
            NotePutOff();
        }

        error = _lateError;
        _lateError = SocketError.Success;
        return error != SocketError.Success;
    }

    /// <summary>Closes the socket, and waits until the system no longer writes into a buffer.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        if (_armed)
        {
            // The pending receive completes with an error.
            SpinWait.SpinUntil(() => _armedDone, TimeSpan.FromSeconds(1));
        }

        _sent.Wait(TimeSpan.FromSeconds(1));
        foreach (SocketAsyncEventArgs slot in _slots)
        {
            slot.Dispose();
        }

        _sender.Dispose();
        _sent.Dispose();
    }

    private void NotePutOff()
    {
        if (_isPutOff)
        {
            _isPutOff = false;
            _lateError = _sender.SocketError == SocketError.Success ? _lateError : _sender.SocketError;
        }
    }

    private bool WaitForRoom(ref TimeSpan patience)
    {
        if (patience <= TimeSpan.Zero)
        {
            return false;
        }

        long startedAt = Environment.TickCount64;
        bool isThere = _sent.Wait(patience);
        patience -= TimeSpan.FromMilliseconds(Environment.TickCount64 - startedAt);
        return isThere;
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

        for (int i = 0; i < _slots.Length - 2 && !_armed; i++)
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

    private bool HandOver(SocketAsyncEventArgs slot, IDatagramReceiver receiver, ref TransportCounters counters)
    {
        int length = slot.BytesTransferred;
        if (slot.SocketError == SocketError.MessageSize || length > DatagramSocket.DatagramSizeMax)
        {
            counters.Truncated++;
            return false;
        }

        if (slot.SocketError != SocketError.Success)
        {
            counters.ReceiveErrors++;
            return false;
        }

        counters.Received++;
        counters.BytesReceived += length;
        Endpoint source = ((ReusableEndPoint)slot.RemoteEndPoint!).Value;
        receiver.OnDatagram(slot.MemoryBuffer.Span[..length], source, Local);
        return true;
    }

    private void OnArmedDone()
    {
        _armedDone = true;
        _signal.Set();
    }

    private int Next(int slot) => slot + 1 == _slots.Length ? 0 : slot + 1;
}
