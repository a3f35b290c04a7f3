using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;

namespace Dht.Engine.Bench.Load.Servers;

/// <summary>
/// An echo as it is naturally written in .NET: a number of <see cref="SocketAsyncEventArgs"/>, each of which
/// receives, sends back and receives again, with the runtime's settings as they come. It allocates nothing per packet
/// and looks at nothing.
/// </summary>
internal sealed class RingEcho
{
    private const int SlotCount = 64;

    private readonly Socket _socket;
    private readonly int _replySize;

    private RingEcho(Socket socket, int replySize)
    {
        _socket = socket;
        _replySize = replySize;
    }

    public static void Run(Endpoint local, int replySize)
    {
        using Socket socket = DatagramSocket.Bind(local);
        var echo = new RingEcho(socket, replySize);
        for (int i = 0; i < SlotCount; i++)
        {
            var slot = new SocketAsyncEventArgs { RemoteEndPoint = new ReusableEndPoint(socket.AddressFamily) };
            slot.SetBuffer(
                GC.AllocateArray<byte>(DatagramSocket.DatagramSizeMax, pinned: true), 0,
                DatagramSocket.DatagramSizeMax);
            slot.Completed += echo.OnCompleted;
            echo.Receive(slot);
        }

        ServerConsole.Open(DatagramSocket.LocalEndpoint(socket).Port);
        Thread.Sleep(Timeout.Infinite);
    }

    private void OnCompleted(object? sender, SocketAsyncEventArgs slot)
    {
        if (slot.LastOperation == SocketAsyncOperation.SendTo || SendBack(slot))
        {
            Receive(slot);
        }
    }

    /// <summary>Receives and sends back for as long as both complete at once.</summary>
    private void Receive(SocketAsyncEventArgs slot)
    {
        do
        {
            slot.SetBuffer(0, DatagramSocket.DatagramSizeMax);
            if (_socket.ReceiveFromAsync(slot))
            {
                return;
            }
        }
        while (SendBack(slot));
    }

    /// <summary>Whether that is done already; if not, <see cref="OnCompleted"/> goes on.</summary>
    private bool SendBack(SocketAsyncEventArgs slot)
    {
        if (slot.SocketError != SocketError.Success)
        {
            return true;
        }

        slot.SetBuffer(0, _replySize);
        return !_socket.SendToAsync(slot);
    }
}
