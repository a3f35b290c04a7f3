using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;
using static Dht.Engine.Transport.LinuxNative;

namespace Dht.Engine.Bench.Load.Servers;

/// <summary>
/// The ceiling of what C# reaches: sends every datagram back, lengthened to the size of a node's reply, and looks at nothing. It
/// blocks until the first datagram comes and takes what else is there, up to 64.
/// </summary>
[SupportedOSPlatform("linux")]
internal static unsafe class BatchEcho
{
    private const int BatchMax = 64;
    private const int MsgWaitForOne = 0x10000;

    public static void Run(Endpoint local, int replySize)
    {
        using Socket socket = DatagramSocket.Bind(local);
        int handle = (int)socket.SafeHandle.DangerousGetHandle();
        socket.Blocking = true;
        var batch = new LinuxBatch(BatchMax, new PinnedBuffer(DatagramSocket.DatagramSizeMax, BatchMax));
        ServerConsole.Open(DatagramSocket.LocalEndpoint(socket).Port);
        fixed (MessageHeader* messages = batch.Messages)
        {
            while (true)
            {
                batch.ArmReceive();
                int received = ReceiveMany(handle, messages, BatchMax, MsgWaitForOne, null);
                if (received > 0)
                {
                    SendBack(handle, batch, messages, received, replySize);
                }
                else if (Marshal.GetLastPInvokeError() is not (Eagain or Eintr))
                {
                    throw new SocketException(Marshal.GetLastPInvokeError());
                }
            }
        }
    }

    private static void SendBack(int handle, LinuxBatch batch, MessageHeader* messages, int count, int replySize)
    {
        for (int i = 0; i < count; i++)
        {
            batch.Vectors[i].Length = (nuint)replySize;
        }

        for (int done = 0; done < count;)
        {
            int sent = SendMany(handle, messages + done, (uint)(count - done), 0);

            // What the system refuses is dropped, as a node does.
            done += Math.Max(1, sent);
        }
    }
}
