using System.Net.Sockets;
using System.Numerics;
using System.Runtime.Versioning;
using Dht.Engine.Addressing;
using Dht.Engine.Rpc;

namespace Dht.Engine.Transport;

/// <summary>
/// The transport for 64-bit Linux: a <see cref="BatchSocket"/>, which moves up to 64 datagrams a call.
/// </summary>
/// <remarks>
/// Batches only form when the reader waits a little, so after a short batch it naps for a millisecond or less without
/// looking at the socket; once a nap has brought nothing it sleeps on the socket and wakes with the first datagram
/// (<see cref="DrainPace"/>). So an idle node costs nothing and answers at once, and a busy one spends its time on
/// packets instead of on waking up.
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed class LinuxBatchTransport : IDatagramTransport
{
    private readonly BatchSocket _socket;
    private readonly KernelDrops _drops;
    private readonly bool _knowsLocal;

    // Which datagram of the outbox is the i-th of those that are staged.
    private readonly int[] _stagedFrom = new int[BatchSocket.BatchMax];
    private TransportCounters _counters;
    private DrainPace _pace;

    // The next datagram of the batch to hand over.
    private int _next;

    /// <summary>Binds a socket.</summary>
    /// <exception cref="SocketException">The address is not ours, or the port is taken.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not 64-bit Linux.</exception>
    public LinuxBatchTransport(Endpoint local)
    {
        if (!BatchSocket.IsSupported)
        {
            throw new PlatformNotSupportedException("The batch transport needs 64-bit Linux; use the ring.");
        }

        _socket = new BatchSocket(local, roomSize: 0);

        // Bound to one address, a socket answers from there anyway.
        _knowsLocal = local.IsUnspecified && _socket.TryUseLocalAddresses();
        _drops = new KernelDrops(_socket.Socket);
    }

    /// <inheritdoc/>
    public Endpoint LocalEndpoint => _socket.LocalEndpoint;

    /// <inheritdoc/>
    public TransportCounters Counters => _counters with { KernelDropped = _drops.Read() };

    /// <inheritdoc/>
    public TransportBuffers Buffers => _socket.Buffers;

    /// <inheritdoc/>
    public int Receive(IDatagramReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        if (_next == _socket.ReceivedCount)
        {
            _counters.ReceiveErrors += _socket.TryReceive() ? 0 : 1;
            _next = 0;
            _pace.Add(_socket.ReceivedCount);
        }

        // A receiver that throws loses its datagram; what is left of the batch is handed over by the next call.
        int last = _socket.ReceivedCount;
        int count = last - _next;
        while (_next < last)
        {
            int i = _next++;
            if (_socket.IsTruncated(i))
            {
                _counters.Truncated++;
                continue;
            }

            ReadOnlySpan<byte> datagram = _socket.Received(i);
            _counters.Received++;
            _counters.BytesReceived += datagram.Length;
            Endpoint local = default;
            _ = _knowsLocal && _socket.TryGetDestination(i, out local);
            receiver.OnDatagram(datagram, _socket.Source(i), local);
        }

        return count;
    }

    /// <inheritdoc/>
    public void Send(Outbox outbox)
    {
        ArgumentNullException.ThrowIfNull(outbox);
        int next = 0;

        // In all: a socket that stays blocked must not hold up the loop again for every datagram.
        int patience = BatchSocket.WaitsMax;
        while (next < outbox.Count)
        {
            for (; _socket.StagedCount < BatchSocket.BatchMax && next < outbox.Count; next++)
            {
                // The outbox's array is pinned for its lifetime.
                _stagedFrom[_socket.StagedCount] = next;
                if (!_socket.TryStagePinned(outbox.Destination(next), outbox.Source(next), outbox.Datagram(next)))
                {
                    Refuse(outbox, next, SocketError.AddressFamilyNotSupported);
                }
            }

            BatchSent batch = _socket.Send(patience);
            patience -= batch.Waits;
            _counters.Sent += batch.Sent;
            _counters.BytesSent += batch.Bytes;
            for (ulong refused = batch.RefusedAt; refused != 0; refused &= refused - 1)
            {
                int staged = BitOperations.TrailingZeroCount(refused);
                Refuse(outbox, _stagedFrom[staged], LinuxNative.ErrorOf(batch.Error));
            }
        }

        outbox.Clear();
    }

    /// <inheritdoc/>
    public void Wait(TimeSpan timeout)
    {
        if (_socket.ReceivedCount >= DrainPace.Few || _next < _socket.ReceivedCount || timeout <= TimeSpan.Zero)
        {
            return;
        }

        TimeSpan nap = _pace.Next();
        if (nap > TimeSpan.Zero)
        {
            _socket.Nap(timeout > nap ? nap : timeout);
        }
        else
        {
            _socket.Wait(timeout);
        }
    }

    /// <inheritdoc/>
    public void Wake() => _socket.Wake();

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Refuse(Outbox outbox, int index, SocketError error)
    {
        _counters.SendErrors++;
        _counters.LastSendError = error;
        outbox.Refuse(index);
    }
}
