using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Dht.Engine.Addressing;
using Dht.Engine.Buffers;
using Dht.Engine.Timing;
using Dht.Engine.Transport;
using static Dht.Engine.Transport.LinuxNative;

namespace Dht.Engine.Bench.Load.Generator;

/// <summary>Sends and receives up to 64 datagrams a call.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class BatchQuerySocket : QuerySocket
{
    private const int SendAttempts = 100;

    private readonly int _handle;
    private readonly LinuxBatch _in = new(BatchMax, new PinnedBuffer(DatagramSocket.DatagramSizeMax, BatchMax));
    private readonly LinuxBatch _out;

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
            _out.Vectors[i].Length = (nuint)Queries.BlockSize;
        }
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
        int attempts = 0;
        fixed (MessageHeader* messages = _out.Messages)
        {
            for (int done = 0; done < count;)
            {
                int sent = SendMany(_handle, messages + done, (uint)(count - done), MsgDontWait);
                bool again = sent <= 0 && Marshal.GetLastPInvokeError() is Eagain or Eintr or Enobufs && attempts++ < SendAttempts;
                done += again ? 0 : Math.Max(1, sent);
            }
        }
    }
}
