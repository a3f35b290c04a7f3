using System.Net;
using System.Net.Sockets;

namespace Dht.Engine.Tests.Cli;

/// <summary>A port of this machine that is taken, and does not answer.</summary>
internal static class SilentSocket
{
    public static Socket Bind(out string address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        address = socket.LocalEndPoint!.ToString()!;
        return socket;
    }
}
