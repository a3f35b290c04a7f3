using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Transport;
using static Dht.Engine.Transport.LinuxNative;

namespace Dht.Engine.Bench.Load.Generator;

/// <summary>
/// Receives up to 64 datagrams a call, and sends as many. Queries are all of one size and go to one place, so where the kernel can
/// (UDP_SEGMENT) it is given them as one block to be cut up: the load must cost less than the fastest server, or it is the load
/// that is measured.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class BatchQuerySocket : QuerySocket
{
    private const int SendAttempts = 100;
    private const int UdpLevel = 17;
    private const int UdpSegment = 103;
    private const int Eio = 5;
    private const int Einval = 22;

    private readonly int _handle;
    private readonly LinuxBatch _in = new(BatchMax, new PinnedBuffer(DatagramSocket.DatagramSizeMax, BatchMax));
    private readonly LinuxBatch _out;
    private bool _isSegmented;

    public BatchQuerySocket(in Endpoint server, SeededRandomSource random)
        : base(server, random)
    {
        _handle = (int)Socket.SafeHandle.DangerousGetHandle();
        _out = new LinuxBatch(BatchMax, Queries);
        for (int i = 0; i < BatchMax; i++)
        {
            // A connected socket needs no names, neither to send nor to know who answers.
            _in.Messages[i].Name = null;
            _out.Messages[i].Name = null;
            _out.Messages[i].NameLength = 0;
        }

        _isSegmented = TrySegment(Queries.BlockSize);
    }

    public override int Receive()
    {
        _in.ArmReceive();
        for (int i = 0; i < BatchMax; i++)
        {
            _in.Messages[i].NameLength = 0;
        }

        fixed (MessageHeader* messages = _in.Messages)
        {
            return Math.Max(0, ReceiveMany(_handle, messages, BatchMax, MsgDontWait, null));
        }
    }

    public override ReadOnlySpan<byte> Received(int index) => _in.Received(index);

    protected override void Send(int count)
    {
        if (_isSegmented)
        {
            // The blocks lie one behind another.
            _out.Vectors[0].Length = (nuint)(count * Queries.BlockSize);
            if (SendMessages(1))
            {
                return;
            }

            // The path does not take it after all.
            TrySegment(0);
            _isSegmented = false;
        }

        for (int i = 0; i < count; i++)
        {
            _out.Vectors[i].Length = (nuint)Queries.BlockSize;
        }

        SendMessages(count);
    }

    /// <returns>False when something was refused that will be refused again.</returns>
    private bool SendMessages(int count)
    {
        bool isTaken = true;
        int attempts = 0;
        fixed (MessageHeader* messages = _out.Messages)
        {
            for (int done = 0; done < count;)
            {
                int sent = SendMany(_handle, messages + done, (uint)(count - done), MsgDontWait);
                int error = sent > 0 ? 0 : Marshal.GetLastPInvokeError();
                isTaken &= error is not (Einval or Eio);
                bool again = error is Eagain or Eintr or Enobufs && attempts++ < SendAttempts;
                done += again ? 0 : Math.Max(1, sent);
            }
        }

        return isTaken;
    }

    private bool TrySegment(int size)
    {
        try
        {
            Socket.SetRawSocketOption(UdpLevel, UdpSegment, BitConverter.GetBytes(size));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
