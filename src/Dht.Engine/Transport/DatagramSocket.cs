using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;

namespace Dht.Engine.Transport;

/// <summary>Opens the UDP socket under every transport, with the same options.</summary>
internal static class DatagramSocket
{
    /// <summary>
    /// Bytes of a datagram that is taken: some nodes answer with all contacts that they have, in several IP fragments.
    /// </summary>
    public const int DatagramSizeMax = 16 * 1024;

    /// <summary>
    /// Bytes from one receive buffer to the next: one line of the cache more than a power of two, for otherwise the
    /// heads of all buffers, which is all that most datagrams fill, would compete for the same few places in it.
    /// </summary>
    public const int ReceiveBlockSize = DatagramSizeMax + 64;

    /// <summary>
    /// Bytes that the kernel is asked to hold, each way: about 20,000 DHT packets, what it adds to each included.
    /// </summary>
    public const int BufferSize = 4 << 20;

    private const int SioUdpConnReset = unchecked((int)0x9800000C);

    /// <summary>Binds a socket. An IPv6 wildcard address takes IPv4 too.</summary>
    /// <param name="local">The address and port.</param>
    /// <param name="bufferSize">Bytes that the kernel is asked to hold, each way.</param>
    /// <exception cref="SocketException">
    /// The address is not ours, the port is taken, or the system has no such family.
    /// </exception>
    public static Socket Bind(in Endpoint local, int bufferSize = BufferSize)
    {
        IPEndPoint endPoint = SocketAddressCodec.ToIPEndPoint(local);
        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (local.IsIPv6)
            {
                socket.DualMode = local.IsUnspecified;
            }

            return Bind(socket, endPoint, bufferSize);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Binds a second socket to one address of the port that a socket has on all of them; what comes to that address
    /// comes to the second from then on.
    /// </summary>
    /// <returns>Null where the system does not allow that, or the address is gone.</returns>
    public static Socket? TryBindBeside(Socket wildcard, in Endpoint local)
    {
        IPEndPoint endPoint = SocketAddressCodec.ToIPEndPoint(local);
        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            // Both must be willing, and only for this moment: later no other program shall share our port.
            SetReuse(wildcard, isOn: true);
            SetReuse(socket, isOn: true);
            return Bind(socket, endPoint, BufferSize);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
        finally
        {
            SetReuse(wildcard, isOn: false);
            if (!socket.SafeHandle.IsClosed)
            {
                SetReuse(socket, isOn: false);
            }
        }
    }

    /// <summary>What the kernel grants of what <see cref="Bind(in Endpoint, int)"/> asked for.</summary>
    public static TransportBuffers Buffers(Socket socket, int asked = BufferSize)
    {
        // Linux doubles what it is asked for, for its own bookkeeping, and reports the doubled figure.
        int factor = OperatingSystem.IsLinux() ? 2 : 1;
        return new TransportBuffers(asked, socket.ReceiveBufferSize / factor, socket.SendBufferSize / factor);
    }

    private static Socket Bind(Socket socket, IPEndPoint endPoint, int bufferSize)
    {
        if (OperatingSystem.IsWindows())
        {
            // Otherwise an ICMP "port unreachable" for an earlier send fails the next receive.
            socket.IOControl(SioUdpConnReset, [0, 0, 0, 0], null);
        }

        // Bursts wait in the kernel while a batch is worked on. The kernel may clip the size; see Buffers.
        socket.ReceiveBufferSize = bufferSize;
        socket.SendBufferSize = bufferSize;
        socket.Bind(endPoint);
        return socket;
    }

    // SO_REUSEADDR as it is: the framework's option of that name sets SO_REUSEPORT as well.
    private static void SetReuse(Socket socket, bool isOn)
    {
        if (OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(1, 2, [(byte)(isOn ? 1 : 0), 0, 0, 0]);
        }
        else if (!OperatingSystem.IsWindows())
        {
            socket.SetRawSocketOption(0xFFFF, 4, [(byte)(isOn ? 1 : 0), 0, 0, 0]);
        }
    }

    public static Endpoint LocalEndpoint(Socket socket) =>
        SocketAddressCodec.FromIPEndPoint((IPEndPoint)socket.LocalEndPoint!);
}
