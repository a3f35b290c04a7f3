using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Tests.Engine;

namespace Dht.Engine.Tests.Support;

/// <summary>A socket on 127.0.0.1 that answers nothing unless the test does.</summary>
internal static class SilentPeer
{
    public static Socket Open(out Endpoint place)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveTimeout = (int)Loopback.Patience.TotalMilliseconds,
        };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        place = Loopback.AnyPort.WithPort((ushort)((IPEndPoint)socket.LocalEndPoint!).Port);
        return socket;
    }
}
