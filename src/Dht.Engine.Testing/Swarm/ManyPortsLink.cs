using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;

namespace Dht.Engine.Testing.Swarm;

/// <summary>A socket for each node, all at 127.0.0.1: for any platform, but for few nodes only.</summary>
internal sealed class ManyPortsLink : ISwarmLink
{
    /// <summary>Nodes at most: some systems allow a process little more than 256 files.</summary>
    public const int NodesMax = 200;

    private const int DrainMax = 64;
    private const int DatagramSizeMax = 2048;

    // What the kernel is asked to hold, so that a burst waits for its turn.
    private const int BufferSize = 4 << 20;

    private readonly Socket[] _sockets;
    private readonly Socket _bell;
    private readonly Dictionary<Socket, int> _indexes = [];
    private readonly List<Socket> _ready = [];
    private readonly byte[] _datagram = new byte[DatagramSizeMax];
    private readonly byte[] _reply = new byte[SwarmResponder.ReplySizeMax];
    private readonly SocketAddress _source = new(AddressFamily.InterNetwork);
    private volatile bool _stopping;

    private ManyPortsLink(Socket[] sockets, Socket bell)
    {
        _sockets = sockets;
        _bell = bell;
        var ports = new ushort[sockets.Length];
        for (int i = 0; i < sockets.Length; i++)
        {
            _indexes.Add(sockets[i], i);
            ports[i] = (ushort)((IPEndPoint)sockets[i].LocalEndPoint!).Port;
        }

        Addresses = new SwarmAddressBook(ports);
    }

    public SwarmAddressBook Addresses { get; }

    public long MemoryBytes => _datagram.Length + _reply.Length;

    /// <summary>Binds the sockets, the first of them to <paramref name="port"/>.</summary>
    /// <exception cref="SocketException">The port is taken, or there are not enough files.</exception>
    public static ManyPortsLink Open(int count, ushort port)
    {
        var sockets = new Socket[count];
        try
        {
            for (int i = 0; i < count; i++)
            {
                sockets[i] = Bind(i == 0 ? port : 0);
            }

            // Connected to itself, it hears nothing else.
            Socket bell = Bind(0);
            bell.Connect(bell.LocalEndPoint!);
            return new ManyPortsLink(sockets, bell);
        }
        catch
        {
            DisposeAll(sockets);
            throw;
        }
    }

    public void Serve(SwarmResponder responder)
    {
        while (!_stopping)
        {
            _ready.Clear();
            _ready.AddRange(_sockets);
            _ready.Add(_bell);
            Socket.Select(_ready, null, null, Timeout.InfiniteTimeSpan);
            foreach (Socket socket in _ready)
            {
                if (_indexes.TryGetValue(socket, out int index))
                {
                    Drain(socket, index, responder);
                }
            }
        }
    }

    public void Stop()
    {
        _stopping = true;
        _bell.Send([0]);
    }

    public void Dispose()
    {
        DisposeAll(_sockets);
        _bell.Dispose();
    }

    private static Socket Bind(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.ReceiveBufferSize = BufferSize;
            socket.SendBufferSize = BufferSize;
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void DisposeAll(Socket?[] sockets)
    {
        foreach (Socket? socket in sockets)
        {
            socket?.Dispose();
        }
    }

    private void Drain(Socket socket, int index, SwarmResponder responder)
    {
        try
        {
            for (int i = 0; i < DrainMax && socket.Available > 0; i++)
            {
                int received = socket.ReceiveFrom(_datagram, SocketFlags.None, _source);
                Endpoint source = EndpointOf(_source.Buffer.Span);
                int length = responder.Answer(_datagram.AsSpan(0, received), source, index, _reply);
                if (length > 0)
                {
                    socket.SendTo(_reply.AsSpan(0, length), SocketFlags.None, _source);
                    responder.Tally.Answered++;
                }
            }
        }
        catch (SocketException)
        {
            // One datagram too long or one asker gone: no reason to stop serving the others.
            responder.Tally.Lost++;
        }
    }

    // A socket address of IPv4: family 2, port 2, address 4.
    private static Endpoint EndpointOf(ReadOnlySpan<byte> address) => Endpoint.FromIPv4(
        BinaryPrimitives.ReadUInt32BigEndian(address[4..]), BinaryPrimitives.ReadUInt16BigEndian(address[2..]));
}
