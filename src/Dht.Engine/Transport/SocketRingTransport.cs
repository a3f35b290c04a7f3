using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Rpc;

namespace Dht.Engine.Transport;

/// <summary>
/// The transport for every platform: a ring of <see cref="SocketAsyncEventArgs"/>, each with a buffer and an end
/// point of its own.
/// </summary>
/// <remarks>
/// <para>
/// Sends complete at once unless the socket's buffer is full; then they are waited for, 20 ms at most in a call, and
/// what finds no room after that is refused. Nothing is allocated once warm.
/// </para>
/// <para>
/// A socket on a wildcard address does not learn to which of our addresses a datagram came, and an answer would leave
/// from the one that the system likes. So where the machine has several addresses of a family, each has a socket and
/// a ring of its own beside the first, on the same port; they follow the addresses as these come and go. What is not
/// an answer leaves through the first socket.
/// </para>
/// </remarks>
public sealed class SocketRingTransport : IDatagramTransport
{
    private const int SlotCount = 128;
    private const int SlotCountOfAddress = 64;

    // The longest wait that the signal accepts; longer timeouts are clamped.
    private static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(int.MaxValue);
    private static readonly TimeSpan SendPatience = TimeSpan.FromMilliseconds(20);

    private readonly RingSocket _first;
    private readonly LocalAddresses? _addresses;

    // Without spinning, which on few processors keeps those from running that would end the wait.
    private readonly ManualResetEventSlim _signal = new(initialState: false, spinCount: 0);

    // Replaced as a whole: the counters are read from any thread.
    private volatile RingSocket[] _rings;
    private TransportCounters _counters;
    private long _droppedBefore;
    private bool _disposed;

    /// <summary>Binds a socket.</summary>
    /// <exception cref="SocketException">The address is not ours, or the port is taken.</exception>
    public SocketRingTransport(Endpoint local)
        : this(local, local.IsUnspecified ? LocalAddresses.OfMachine(local) : null)
    {
    }

    /// <summary>As the other, with a given view of our addresses.</summary>
    internal SocketRingTransport(in Endpoint local, LocalAddresses? addresses)
    {
        Socket socket = DatagramSocket.Bind(local);
        LocalEndpoint = DatagramSocket.LocalEndpoint(socket);
        Buffers = DatagramSocket.Buffers(socket);
        _first = new RingSocket(socket, default, SlotCount, _signal);
        _rings = [_first];
        _addresses = addresses;
        if (addresses != null)
        {
            addresses.Watch(Wake);
            FollowAddresses(addresses.Read());
        }
    }

    /// <inheritdoc/>
    public Endpoint LocalEndpoint { get; }

    /// <inheritdoc/>
    public TransportCounters Counters
    {
        get
        {
            long dropped = Volatile.Read(ref _droppedBefore);
            foreach (RingSocket ring in _rings)
            {
                dropped += ring.KernelDropped;
            }

            return _counters with { KernelDropped = dropped };
        }
    }

    /// <inheritdoc/>
    public TransportBuffers Buffers { get; }

    /// <inheritdoc/>
    public int Receive(IDatagramReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        if (_addresses is { HasChanged: true })
        {
            FollowAddresses(_addresses.Read());
        }

        int count = 0;
        foreach (RingSocket ring in _rings)
        {
            count += ring.Receive(receiver, ref _counters);
        }

        return count;
    }

    /// <inheritdoc/>
    public void Send(Outbox outbox)
    {
        ArgumentNullException.ThrowIfNull(outbox);
        TimeSpan patience = SendPatience;
        for (int i = 0; i < outbox.Count; i++)
        {
            ReadOnlySpan<byte> datagram = outbox.Datagram(i);
            SocketError error = RingOf(outbox.Source(i)).Send(outbox.Destination(i), datagram, ref patience);
            if (error == SocketError.Success)
            {
                _counters.Sent++;
                _counters.BytesSent += datagram.Length;
            }
            else
            {
                _counters.SendErrors++;
                _counters.LastSendError = error;
                outbox.Refuse(i);
            }
        }

        outbox.Clear();
        foreach (RingSocket ring in _rings)
        {
            if (ring.TryTakeLateError(out SocketError error))
            {
                // It was counted as sent when it was left to the system.
                _counters.Sent--;
                _counters.SendErrors++;
                _counters.LastSendError = error;
            }
        }
    }

    /// <inheritdoc/>
    public void Wait(TimeSpan timeout)
    {
        bool hasMore = false;
        foreach (RingSocket ring in _rings)
        {
            hasMore |= ring.HasMore;
        }

        if (!hasMore || _signal.IsSet)
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
        _addresses?.Dispose();
        foreach (RingSocket ring in _rings)
        {
            ring.Dispose();
        }
    }

    private RingSocket RingOf(in Endpoint source)
    {
        if (source.Family != IpFamily.None)
        {
            foreach (RingSocket ring in _rings)
            {
                if (ring.Local.HasSameAddress(source))
                {
                    return ring;
                }
            }
        }

        return _first;
    }

    /// <summary>Opens a socket for each address that has none, and closes those whose address is gone.</summary>
    private void FollowAddresses(IReadOnlyList<Endpoint> addresses)
    {
        var kept = new List<RingSocket> { _first };
        var gone = new List<RingSocket>();
        foreach (RingSocket ring in _rings.AsSpan(1))
        {
            if (addresses.Any(address => ring.Local.HasSameAddress(address)))
            {
                kept.Add(ring);
                continue;
            }

            gone.Add(ring);
        }

        foreach (Endpoint address in addresses)
        {
            Endpoint local = address.WithPort(LocalEndpoint.Port);
            if (!kept.Exists(ring => ring.Local == local)
                && DatagramSocket.TryBindBeside(_first.Socket, local) is { } socket)
            {
                kept.Add(new RingSocket(socket, local, SlotCountOfAddress, _signal));
            }
        }

        _rings = [.. kept];
        foreach (RingSocket ring in gone)
        {
            Volatile.Write(ref _droppedBefore, _droppedBefore + ring.KernelDropped);
            ring.Dispose();
        }
    }
}
