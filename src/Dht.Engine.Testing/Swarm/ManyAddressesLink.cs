using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;
using static Dht.Engine.Transport.LinuxNative;

namespace Dht.Engine.Testing.Swarm;

/// <summary>
/// One socket for all addresses of 127.0.0.0/8 on one port: IP_PKTINFO tells to which of them a datagram came and from which of them
/// the reply leaves. Whatever has a source or a destination outside 127.0.0.0/8 is dropped. 64-bit Linux.
/// </summary>
/// <remarks>
/// The control data of each message, one struct cmsghdr with a struct in_pktinfo:
/// <code>
/// [ length 8 | level 4 | type 4 | interface 4 | local address 4 | address in the header 4 | padding 4 ]
/// </code>
/// A received datagram has its destination in the last field; a reply takes its source from the one before.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed unsafe class ManyAddressesLink : ISwarmLink
{
    private const int BatchMax = 64;
    private const int ShortBatch = 32;
    private const int SendAttempts = 20;
    private const int IpLevel = 0;
    private const int IpPktInfo = 8;
    private const int SocketLevel = 1;
    private const int SoBindToDevice = 25;
    private const int ControlSize = 32;
    private const int ControlLength = 28;
    private const int ControlLevel = 8;
    private const int ControlType = 12;
    private const int ControlLocal = 20;
    private const int ControlHeader = 24;

    // Batches only form when the reader waits a little.
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(0.2);

    private readonly Socket _socket;
    private readonly int _socketHandle;
    private readonly int _eventHandle;
    private readonly LinuxBatch _in = new(BatchMax, new PinnedBuffer(DatagramSocket.DatagramSizeMax, BatchMax));
    private readonly LinuxBatch _out;
    private readonly PinnedBuffer _replies = new(SwarmResponder.ReplySizeMax, BatchMax);
    private readonly PinnedBuffer _inControl = new(ControlSize, BatchMax);
    private readonly PinnedBuffer _outControl = new(ControlSize, BatchMax);
    private volatile bool _stopping;

    private ManyAddressesLink(Socket socket, int count)
    {
        _socket = socket;
        _socketHandle = (int)socket.SafeHandle.DangerousGetHandle();
        Addresses = new SwarmAddressBook(count, DatagramSocket.LocalEndpoint(socket).Port);
        _eventHandle = CreateEvent();
        if (_eventHandle < 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }

        _out = new LinuxBatch(BatchMax, _replies);
        fixed (byte* inControl = _inControl.Bytes, outControl = _outControl.Bytes)
        {
            for (int i = 0; i < BatchMax; i++)
            {
                // Both arrays are pinned for their lifetime, so the addresses outlive this block.
                _in.Messages[i].Control = inControl + (i * ControlSize);
                _out.Messages[i].Control = outControl + (i * ControlSize);
                _out.Messages[i].ControlLength = ControlSize;
                _out.Messages[i].NameLength = SocketAddressCodec.SizeIPv4;
                Span<byte> control = _outControl.Block(i);
                control.Clear();
                BitConverter.TryWriteBytes(control, (long)ControlLength);
                BitConverter.TryWriteBytes(control[ControlLevel..], IpLevel);
                BitConverter.TryWriteBytes(control[ControlType..], IpPktInfo);
            }
        }
    }

    public SwarmAddressBook Addresses { get; }

    public long MemoryBytes => BatchMax * (DatagramSocket.DatagramSizeMax + SwarmResponder.ReplySizeMax + (2 * ControlSize)
        + (2 * (sizeof(MessageHeader) + sizeof(IoVector) + SocketAddressCodec.SizeIPv6)));

    /// <summary>Binds the port; null where the system has no IP_PKTINFO or not all of 127.0.0.0/8.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static ManyAddressesLink? TryOpen(int count, ushort port)
    {
        if (!IsSupported || !CanBind(SwarmAddressBook.FirstAddress) || !CanBind(SwarmAddressBook.LastAddress))
        {
            return null;
        }

        Socket socket = DatagramSocket.Bind(Endpoint.FromIPv4(0, port));
        try
        {
            // Nothing from outside shall even get here; where the system refuses that, the look at the addresses has to do.
            TrySetOption(socket, SocketLevel, SoBindToDevice, "lo\0"u8);
            if (TrySetOption(socket, IpLevel, IpPktInfo, [1, 0, 0, 0]))
            {
                return new ManyAddressesLink(socket, count);
            }
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        socket.Dispose();
        return null;
    }

    public void Serve(SwarmResponder responder)
    {
        while (!_stopping)
        {
            int received = Receive();
            int filled = 0;
            for (int i = 0; i < received; i++)
            {
                filled += Answer(responder, i, filled) ? 1 : 0;
            }

            Send(filled, responder.Tally);
            Wait(received);
        }
    }

    public void Stop()
    {
        _stopping = true;
        ulong one = 1;
        _ = Write(_eventHandle, &one, sizeof(ulong));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _ = Close(_eventHandle);
    }

    private static bool CanBind(uint address)
    {
        try
        {
            DatagramSocket.Bind(Endpoint.FromIPv4(address, 0)).Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool TrySetOption(Socket socket, int level, int name, ReadOnlySpan<byte> value)
    {
        try
        {
            socket.SetRawSocketOption(level, name, value);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private int Receive()
    {
        _in.ArmReceive();
        MessageHeader[] messages = _in.Messages;
        for (int i = 0; i < messages.Length; i++)
        {
            messages[i].ControlLength = ControlSize;
        }

        fixed (MessageHeader* first = messages)
        {
            return Math.Max(0, ReceiveMany(_socketHandle, first, BatchMax, MsgDontWait, null));
        }
    }

    private bool Answer(SwarmResponder responder, int place, int outPlace)
    {
        ref MessageHeader message = ref _in.Messages[place];
        ReadOnlySpan<byte> control = _inControl.Block(place);
        if (message.ControlLength < ControlLength || BitConverter.ToInt32(control[ControlType..]) != IpPktInfo
            || (message.Flags & MsgTrunc) != 0)
        {
            return false;
        }

        uint destination = BinaryPrimitives.ReadUInt32BigEndian(control[ControlHeader..]);
        ReadOnlySpan<byte> name = _in.Name(place)[..SocketAddressCodec.SizeIPv4];
        Endpoint source = SocketAddressCodec.Read(name, isIPv6: false);
        if (!SwarmAddressBook.IsLoopback(source.IPv4Bits) || !Addresses.TryGetIndex(destination, out int index))
        {
            return false;
        }

        int length = responder.Answer(_in.Received(place), source, index, _replies.Block(outPlace));
        if (length == 0)
        {
            return false;
        }

        name.CopyTo(_out.Name(outPlace));
        BinaryPrimitives.WriteUInt32BigEndian(_outControl.Block(outPlace)[ControlLocal..], destination);
        _out.Vectors[outPlace].Length = (nuint)length;
        return true;
    }

    private void Send(int count, SwarmTally tally)
    {
        int done = 0;
        int attempts = 0;
        fixed (MessageHeader* messages = _out.Messages)
        {
            while (done < count)
            {
                int sent = SendMany(_socketHandle, messages + done, (uint)(count - done), MsgDontWait);
                if (sent > 0)
                {
                    tally.Answered += sent;
                    done += sent;
                    attempts = 0;
                    continue;
                }

                bool passing = Marshal.GetLastPInvokeError() is Eagain or Enobufs or Eintr;
                if (passing && attempts++ < SendAttempts)
                {
                    WaitUntilWritable();
                    continue;
                }

                tally.Lost++;
                done++;
                attempts = 0;
            }
        }
    }

    /// <summary>After a full batch not at all; after a short one a nap; after none until something arrives.</summary>
    private void Wait(int received)
    {
        if (received >= ShortBatch)
        {
            return;
        }

        PollEntry* entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry { File = _eventHandle, Events = PollIn };
        entries[1] = new PollEntry { File = _socketHandle, Events = PollIn };
        TimeSpec nap = TimeSpec.From(Nap);
        _ = received > 0 ? Poll(entries, 1, &nap, null) : Poll(entries, 2, null, null);
    }

    private void WaitUntilWritable()
    {
        PollEntry entry = new() { File = _socketHandle, Events = PollOut };
        TimeSpec limit = TimeSpec.From(Nap);
        _ = Poll(&entry, 1, &limit, null);
    }
}
