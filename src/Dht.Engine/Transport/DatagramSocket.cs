using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;

namespace Dht.Engine.Transport;

/// <summary>Opens the UDP socket that every transport stands on, with the same options.</summary>
internal static class DatagramSocket
{
    /// <summary>Bytes of a receive buffer: more than an Ethernet frame carries, so that a longer datagram is surely no DHT packet.</summary>
    public const int DatagramSizeMax = 2048;

    private const int BufferSize = 4 << 20;
    private const int SioUdpConnReset = unchecked((int)0x9800000C);

    /// <summary>Binds a socket. An IPv6 wildcard address takes IPv4 too.</summary>
    /// <exception cref="SocketException">The address is not ours, the port is taken, or the system has no such family.</exception>
    public static Socket Bind(in Endpoint local)
    {
        IPEndPoint endPoint = SocketAddressCodec.ToIPEndPoint(local);
        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (local.IsIPv6)
            {
                socket.DualMode = local.IsUnspecified;
            }

            if (OperatingSystem.IsWindows())
            {
                // Otherwise an ICMP "port unreachable" for an earlier send fails the next receive.
                socket.IOControl(SioUdpConnReset, [0, 0, 0, 0], null);
            }

            // Bursts wait in the kernel while a batch is worked on. The kernel may clip the size; then it holds less.
            socket.ReceiveBufferSize = BufferSize;
            socket.SendBufferSize = BufferSize;
            socket.Bind(endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static Endpoint LocalEndpoint(Socket socket) => SocketAddressCodec.FromIPEndPoint((IPEndPoint)socket.LocalEndPoint!);
}
