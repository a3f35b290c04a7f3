using System.Net.Sockets;
using Dht.Engine.Addressing;

namespace Dht.Engine.Transport;

/// <summary>Creates transports.</summary>
public static class DatagramTransport
{
    /// <summary>Binds a socket and creates a transport of a kind over it.</summary>
    /// <param name="local">The address and port; port 0 lets the system choose.</param>
    /// <param name="kind">Which one.</param>
    /// <exception cref="SocketException">The address is not ours, or the port is taken.</exception>
    /// <exception cref="PlatformNotSupportedException">
    /// The batch transport was asked for and this is not 64-bit Linux.
    /// </exception>
    public static IDatagramTransport Bind(Endpoint local, TransportKind kind = TransportKind.Auto)
    {
        if (kind != TransportKind.Ring
            && OperatingSystem.IsLinux()
            && (BatchSocket.IsSupported || kind == TransportKind.Batch))
        {
            return new LinuxBatchTransport(local);
        }

        return kind != TransportKind.Batch
            ? new SocketRingTransport(local)
            : throw new PlatformNotSupportedException("The batch transport needs 64-bit Linux; use the ring.");
    }
}
