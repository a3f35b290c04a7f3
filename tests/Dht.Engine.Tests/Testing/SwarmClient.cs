using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Tests.Testing;

/// <summary>A plain UDP socket at 127.0.0.1 that asks and listens.</summary>
internal sealed class SwarmClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _buffer = new byte[4096];

    public SwarmClient()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.ReceiveBufferSize = 4 << 20;
        _socket.ReceiveTimeout = 60_000;
    }

    public static byte[] FindNode(in NodeId target, string transactionId = "tt")
    {
        Span<byte> bytes = stackalloc byte[KrpcQueries.SizeMax];
        var envelope = new KrpcEnvelope
        {
            Id = default,
            TransactionId = System.Text.Encoding.ASCII.GetBytes(transactionId),
        };
        return bytes[..KrpcQueries.WriteFindNode(bytes, envelope, target)].ToArray();
    }

    public void Send(in Endpoint to, ReadOnlySpan<byte> datagram) =>
        _socket.SendTo(datagram, SocketFlags.None, new IPEndPoint(to.ToAddress(), to.Port));

    /// <summary>The next datagram that comes, whoever sent it.</summary>
    /// <exception cref="SocketException">None comes.</exception>
    public byte[] Receive(out Endpoint from)
    {
        EndPoint sender = new IPEndPoint(IPAddress.Any, 0);
        int length = _socket.ReceiveFrom(_buffer, ref sender);
        var ip = (IPEndPoint)sender;
        from = Endpoint.FromAddress(ip.Address, (ushort)ip.Port);
        return _buffer[..length];
    }

    public byte[] Ask(in Endpoint to, ReadOnlySpan<byte> datagram, out Endpoint from)
    {
        Send(to, datagram);
        return Receive(out from);
    }

    public void Dispose() => _socket.Dispose();
}
