using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Dht.Engine.Addressing;
using static Dht.Engine.Transport.LinuxNative;

namespace Dht.Engine.Transport;

/// <summary>
/// A UDP socket that receives up to <see cref="BatchMax"/> datagrams in one call to the system, and sends as many
/// (recvmmsg, sendmmsg). For 64-bit Linux. <see cref="LinuxBatchTransport"/> is made of it; use it yourself for
/// whatever else moves many small datagrams: a simulated network on loopback, a load generator, a relay.
/// </summary>
/// <remarks>
/// <para>
/// A loop over it: <see cref="TryReceive"/>; look at <see cref="Received"/> and <see cref="Source"/> of each; write
/// answers into <see cref="Room"/> and stage them with <see cref="TryStage(in Endpoint, int)"/> or
/// <see cref="StageReply(int, int)"/>; <see cref="Send"/>; <see cref="Wait"/>. Batches only form when the reader
/// waits a little: after a short batch, <see cref="Nap"/> for a fraction of a millisecond instead of going back to
/// the socket for each datagram.
/// </para>
/// <para>
/// One thread at a time uses it; only <see cref="Wake"/> may be called from any thread, also after the disposal. All
/// memory is taken when it is created: with the default sizes 1.2 MiB of pinned buffers. Nothing is allocated after
/// that.
/// </para>
/// </remarks>
public sealed unsafe class BatchSocket : IDisposable
{
    /// <summary>Datagrams that one call receives or sends at most.</summary>
    public const int BatchMax = 64;

    /// <summary>
    /// Bytes of a received datagram that are kept. A longer one is cut off: <see cref="IsTruncated"/>.
    /// </summary>
    public const int DatagramSizeMax = DatagramSocket.DatagramSizeMax;

    /// <summary>Bytes of a <see cref="Room"/> unless told otherwise.</summary>
    public const int RoomSizeDefault = 2048;

    /// <summary>How often <see cref="Send"/> waits for room unless told otherwise.</summary>
    public const int WaitsMax = 20;

    private const int MsgWaitForOne = 0x10000;

    private static readonly TimeSpan RoomPatience = TimeSpan.FromMilliseconds(1);

    private readonly Socket _socket;
    private readonly int _socketHandle;
    private readonly LinuxWaker _waker;
    private readonly bool _isIPv6;
    private readonly LinuxBatch _in =
        new(BatchMax, new PinnedBuffer(DatagramSocket.ReceiveBlockSize, BatchMax), DatagramSizeMax);

    private readonly LinuxBatch _out = new(BatchMax, buffers: null);
    private readonly PinnedBuffer? _rooms;
    private PacketInfo? _inInfo;
    private PacketInfo? _outInfo;
    private int _received;
    private int _staged;

    /// <summary>Binds a socket. An IPv6 wildcard address takes IPv4 too.</summary>
    /// <param name="local">The address and port; port 0 lets the system choose.</param>
    /// <param name="roomSize">Bytes of each <see cref="Room"/>; 0 for none, when nothing is staged that way.</param>
    /// <exception cref="SocketException">The address is not ours, or the port is taken.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not 64-bit Linux.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    [SupportedOSPlatform("linux")]
    public BatchSocket(Endpoint local, int roomSize = RoomSizeDefault)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(roomSize);
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException("Many datagrams in one call need 64-bit Linux.");
        }

        _rooms = roomSize == 0 ? null : new PinnedBuffer(roomSize, BatchMax);
        _socket = DatagramSocket.Bind(local);
        _socketHandle = (int)_socket.SafeHandle.DangerousGetHandle();
        try
        {
            _waker = new LinuxWaker();
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        _isIPv6 = local.IsIPv6;
        LocalEndpoint = DatagramSocket.LocalEndpoint(_socket);
        Buffers = DatagramSocket.Buffers(_socket);
    }

    /// <summary>Whether this is 64-bit Linux; elsewhere the constructor throws.</summary>
    [SupportedOSPlatformGuard("linux")]
    public static bool IsSupported => LinuxNative.IsSupported;

    /// <summary>Where the socket is bound; the port is the real one.</summary>
    public Endpoint LocalEndpoint { get; }

    /// <summary>The system's buffers, as they were when the socket was bound.</summary>
    public TransportBuffers Buffers { get; }

    /// <summary>
    /// The socket itself, for options and for <see cref="Socket.Connect(System.Net.EndPoint)"/>. Owned by this
    /// object: neither dispose of it nor send or receive with it, nor set options that put more control messages beside
    /// a datagram (SO_TIMESTAMP, SO_RXQ_OVFL).
    /// </summary>
    public Socket Socket => _socket;

    /// <summary>Bytes of memory that are held for datagrams and for what the system is told about them.</summary>
    public long MemoryBytes => _in.MemoryBytes + _out.MemoryBytes
        + (_rooms?.Bytes.Length ?? 0) + (_inInfo?.MemoryBytes ?? 0) + (_outInfo?.MemoryBytes ?? 0);

    /// <summary>Datagrams of the latest batch; the indexes below run to this.</summary>
    public int ReceivedCount => _received;

    /// <summary>Datagrams that are staged for the next <see cref="Send"/>.</summary>
    public int StagedCount => _staged;

    /// <summary>
    /// Where to write the next datagram to be staged: borrowed until it is staged, <c>roomSize</c> bytes. It holds
    /// whatever was in it before.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The socket has no rooms, or <see cref="BatchMax"/> datagrams are staged.
    /// </exception>
    public Span<byte> Room => _rooms != null && _staged < BatchMax
        ? _rooms.Block(_staged)
        : throw new InvalidOperationException("There is no room to write a datagram into.");

    /// <summary>
    /// Has the system say to which of our addresses each datagram came, and lets <see cref="StageReply(int, int)"/>
    /// answer from that address: for a socket that serves many addresses. Call it before anything is received or
    /// staged.
    /// </summary>
    /// <returns>False where the system has no IP_PKTINFO or IPV6_PKTINFO.</returns>
    public bool TryUseLocalAddresses()
    {
        (int level, int name) = PacketInfo.OptionFor(_isIPv6);
        try
        {
            _socket.SetRawSocketOption(level, name, [1, 0, 0, 0]);
        }
        catch (SocketException)
        {
            return false;
        }

        _inInfo ??= new PacketInfo(_in, _isIPv6);
        _outInfo ??= new PacketInfo(_out, _isIPv6);
        return true;
    }

    /// <summary>Takes what has arrived, at most one batch, without waiting. The batch before it is gone.</summary>
    /// <returns>
    /// False when the system reported an error instead, such as a refusal of what a connected socket sent before.
    /// There are no datagrams then, and the next call goes on as if nothing had been.
    /// </returns>
    public bool TryReceive()
    {
        int error = Receive(MsgDontWait);
        return error is 0 or Eagain or Eintr;
    }

    /// <summary>A datagram of the latest batch. Borrowed until the next one is received.</summary>
    /// <param name="index">From 0, below <see cref="ReceivedCount"/>.</param>
    public ReadOnlySpan<byte> Received(int index) => _in.Received(index);

    /// <summary>
    /// Whether a datagram of the latest batch was longer than <see cref="DatagramSizeMax"/>, so that its end is
    /// missing.
    /// </summary>
    /// <param name="index">From 0, below <see cref="ReceivedCount"/>.</param>
    public bool IsTruncated(int index) => (_in.Messages[index].Flags & MsgTrunc) != 0;

    /// <summary>Where a datagram of the latest batch came from; IPv4-mapped addresses are unmapped.</summary>
    /// <param name="index">From 0, below <see cref="ReceivedCount"/>.</param>
    public Endpoint Source(int index) => SocketAddressCodec.Read(_in.Name(index), _isIPv6);

    /// <summary>Which of our addresses a datagram of the latest batch was sent to.</summary>
    /// <param name="index">From 0, below <see cref="ReceivedCount"/>.</param>
    /// <param name="destination">The address, with our port.</param>
    /// <returns>False when the system did not say; it never does before <see cref="TryUseLocalAddresses"/>.</returns>
    public bool TryGetDestination(int index, out Endpoint destination)
    {
        destination = default;
        return _inInfo != null && _inInfo.TryRead(index, LocalEndpoint.Port, out destination);
    }

    /// <summary>Stages what was written into <see cref="Room"/>. It is sent by the next <see cref="Send"/>.</summary>
    /// <param name="destination">Where it goes. On an IPv6 socket an IPv4 endpoint is mapped.</param>
    /// <param name="length">Bytes of the datagram.</param>
    /// <returns>False when an IPv4 socket is given an IPv6 endpoint: nothing is staged.</returns>
    /// <exception cref="InvalidOperationException">There is no <see cref="Room"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The datagram is longer than the room.</exception>
    public bool TryStage(in Endpoint destination, int length) => TryStagePinned(destination, default, Room[..length]);

    /// <summary>
    /// Stages what was written into <see cref="Room"/> as an answer to a datagram of the latest batch: it goes to
    /// where that came from and, after <see cref="TryUseLocalAddresses"/>, leaves from the address that that was sent
    /// to.
    /// </summary>
    /// <param name="index">Which datagram is answered: from 0, below <see cref="ReceivedCount"/>.</param>
    /// <param name="length">Bytes of the answer.</param>
    /// <exception cref="InvalidOperationException">There is no <see cref="Room"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The answer is longer than the room.</exception>
    public void StageReply(int index, int length) => StageReplyPinned(index, Room[..length]);

    /// <summary>
    /// Sends everything that is staged, in order, and forgets it. While the system has no room it waits, a
    /// millisecond at most each time; what the system refuses is dropped alone, so that one bad destination holds up
    /// no other.
    /// </summary>
    /// <param name="waitsMax">
    /// How often to wait at most, in all. After that a datagram for which there is no room is dropped too.
    /// </param>
    public BatchSent Send(int waitsMax = WaitsMax)
    {
        int count = _staged;
        int done = 0;
        BatchSent result = default;
        _staged = 0;
        fixed (MessageHeader* messages = _out.Messages)
        {
            while (done < count)
            {
                int sent = SendMany(_socketHandle, messages + done, (uint)(count - done), MsgDontWait);
                if (sent > 0)
                {
                    long bytes = _out.LengthOf(done, sent);
                    result = result with { Sent = result.Sent + sent, Bytes = result.Bytes + bytes };
                    done += sent;
                    continue;
                }

                int error = Marshal.GetLastPInvokeError();
                if (error is Eagain or Enobufs or Eintr && result.Waits < waitsMax)
                {
                    result = result with { Waits = result.Waits + 1 };
                    WaitForRoom(error);
                    continue;
                }

                // The first of the rest is refused (no route, no permission): drop it alone.
                result = result with
                {
                    Refused = result.Refused + 1,
                    RefusedAt = result.RefusedAt | (1ul << done),
                    Error = error,
                };
                done++;
            }
        }

        return result;
    }

    /// <summary>
    /// Waits until there may be something to receive, until <see cref="Wake"/>, or until the timeout.
    /// </summary>
    /// <param name="timeout">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> has no end.</param>
    public void Wait(TimeSpan timeout) => _waker.Rest(timeout, _socketHandle);

    /// <summary>
    /// Waits for <see cref="Wake"/> or the timeout without looking at the socket, so that a batch can form.
    /// </summary>
    /// <param name="timeout">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> has no end.</param>
    public void Nap(TimeSpan timeout) => _waker.Rest(timeout);

    /// <summary>
    /// Ends the current wait or nap, or the next one. Thread-safe; does nothing after <see cref="Dispose"/>.
    /// </summary>
    public void Wake() => _waker.Wake();

    /// <summary>Closes the socket.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        _waker.Dispose();
    }

    /// <summary>
    /// Sleeps in the receiving call itself until a datagram is there, and takes what else is; <see cref="Wake"/> does
    /// not end it.
    /// </summary>
    /// <exception cref="SocketException">The system reports an error.</exception>
    internal void ReceiveSleeping()
    {
        int error = Receive(MsgWaitForOne);
        if (error is not (0 or Eagain or Eintr))
        {
            throw new SocketException(error);
        }
    }

    /// <summary>Stages a datagram where it lies: in pinned memory, which is not changed until it is sent.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="source">
    /// The address of ours that it leaves from, after <see cref="TryUseLocalAddresses"/>; of no family: any.
    /// </param>
    /// <param name="pinned">The datagram.</param>
    internal bool TryStagePinned(in Endpoint destination, in Endpoint source, ReadOnlySpan<byte> pinned)
    {
        Span<byte> name = _out.Name(_staged);
        if (!SocketAddressCodec.TryWrite(destination, name, _isIPv6))
        {
            return false;
        }

        BitConverter.TryWriteBytes(name, (ushort)(_isIPv6 ? AfInet6 : AfInet));
        _outInfo?.Write(_staged, source);
        StagePinned(pinned, _isIPv6 ? SocketAddressCodec.SizeIPv6 : SocketAddressCodec.SizeIPv4);
        return true;
    }

    /// <summary>As <see cref="StageReply"/>, in pinned memory, which is not changed until it is sent.</summary>
    internal void StageReplyPinned(int index, ReadOnlySpan<byte> pinned)
    {
        _in.Name(index).CopyTo(_out.Name(_staged));
        if (_outInfo != null)
        {
            _inInfo!.TryRead(index, 0, out Endpoint asked);
            _outInfo.Write(_staged, asked);
        }

        StagePinned(pinned, (int)_in.Messages[index].NameLength);
    }

    /// <summary>
    /// Stages a datagram to where the socket is connected, in pinned memory, which is not changed until it is sent.
    /// </summary>
    internal void StagePinned(ReadOnlySpan<byte> pinned)
    {
        _outInfo?.Write(_staged, default);
        StagePinned(pinned, nameLength: 0);
    }

    private void StagePinned(ReadOnlySpan<byte> pinned, int nameLength)
    {
        _out.Messages[_staged].NameLength = (uint)nameLength;
        fixed (byte* bytes = pinned)
        {
            // Pinned for longer than this block, so the address outlives it.
            _out.Vectors[_staged].Base = bytes;
        }

        _out.Vectors[_staged].Length = (nuint)pinned.Length;
        _staged++;
    }

    /// <returns>0, or the system's number of the error.</returns>
    private int Receive(int flags)
    {
        _in.ArmReceive(_received);
        _inInfo?.ArmReceive(_received);
        int count;
        fixed (MessageHeader* messages = _in.Messages)
        {
            count = ReceiveMany(_socketHandle, messages, BatchMax, flags, null);
        }

        _received = Math.Max(0, count);
        return count < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>
    /// Waits a millisecond at most: until the socket has room or, when it is a queue below it that is full, for the
    /// whole millisecond.
    /// </summary>
    private void WaitForRoom(int error)
    {
        PollEntry entry = new() { File = _socketHandle, Events = PollOut };
        TimeSpec limit = TimeSpec.From(RoomPatience);
        _ = Poll(&entry, error == Eagain ? 1u : 0u, &limit, null);
    }
}
