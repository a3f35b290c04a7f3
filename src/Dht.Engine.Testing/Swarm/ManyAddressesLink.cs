using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;

namespace Dht.Engine.Testing.Swarm;

/// <summary>
/// One socket for all addresses of 127.0.0.0/8 on one port: the system says to which of them a datagram came, and a
/// reply leaves from there. Whatever has a source or a destination outside 127.0.0.0/8 is dropped. 64-bit Linux.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class ManyAddressesLink : ISwarmLink
{
    private const int ShortBatch = 32;
    private const int SocketLevel = 1;
    private const int SoBindToDevice = 25;

    // Batches only form when the reader waits a little.
    private static readonly TimeSpan ForBatch = TimeSpan.FromMilliseconds(0.2);

    private readonly BatchSocket _socket;
    private volatile bool _stopping;

    private ManyAddressesLink(BatchSocket socket, int count)
    {
        _socket = socket;
        Addresses = new SwarmAddressBook(count, socket.LocalEndpoint.Port);
    }

    public SwarmAddressBook Addresses { get; }

    public long MemoryBytes => _socket.MemoryBytes;

    /// <summary>
    /// Binds the port; null where the system does not say where a datagram came to, or has not all of 127.0.0.0/8.
    /// </summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static ManyAddressesLink? TryOpen(int count, ushort port)
    {
        if (!BatchSocket.IsSupported
            || !CanBind(SwarmAddressBook.FirstAddress)
            || !CanBind(SwarmAddressBook.LastAddress))
        {
            return null;
        }

        var socket = new BatchSocket(Endpoint.FromIPv4(0, port), SwarmResponder.ReplySizeMax);
        BindToLoopback(socket.Socket);
        if (socket.TryUseLocalAddresses())
        {
            return new ManyAddressesLink(socket, count);
        }

        socket.Dispose();
        return null;
    }

    public void Serve(SwarmResponder responder)
    {
        while (!_stopping)
        {
            _socket.TryReceive();
            int received = _socket.ReceivedCount;
            for (int i = 0; i < received; i++)
            {
                Answer(responder, i);
            }

            BatchSent sent = _socket.Send();
            responder.Tally.Answered += sent.Sent;
            responder.Tally.Lost += sent.Refused;
            Wait(received);
        }
    }

    public void Stop()
    {
        _stopping = true;
        _socket.Wake();
    }

    public void Dispose() => _socket.Dispose();

    private static bool CanBind(uint address)
    {
        try
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            probe.Bind(new IPEndPoint(Endpoint.FromIPv4(address, 0).ToAddress(), 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>
    /// Nothing from outside shall even get here; where the system refuses that, the look at the addresses has to do.
    /// </summary>
    private static void BindToLoopback(Socket socket)
    {
        try
        {
            socket.SetRawSocketOption(SocketLevel, SoBindToDevice, "lo\0"u8);
        }
        catch (SocketException)
        {
            // The addresses are looked at in any case.
        }
    }

    private void Answer(SwarmResponder responder, int place)
    {
        if (_socket.IsTruncated(place) || !_socket.TryGetDestination(place, out Endpoint destination))
        {
            return;
        }

        Endpoint source = _socket.Source(place);
        if (!SwarmAddressBook.IsLoopback(source.IPv4Bits)
            || !Addresses.TryGetIndex(destination.IPv4Bits, out int index))
        {
            return;
        }

        int length = responder.Answer(_socket.Received(place), source, index, _socket.Room);
        if (length > 0)
        {
            _socket.StageReply(place, length);
        }
    }

    /// <summary>After a full batch not at all; after a short one a nap; after none until something arrives.</summary>
    private void Wait(int received)
    {
        if (received == 0)
        {
            _socket.Wait(Timeout.InfiniteTimeSpan);
        }
        else if (received < ShortBatch)
        {
            _socket.Nap(ForBatch);
        }
    }
}
