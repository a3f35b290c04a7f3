using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Transport;

namespace Dht.Engine.Bench.Load.Generator;

/// <summary>Sends and receives one datagram a call: for systems without more.</summary>
internal sealed class PlainQuerySocket : QuerySocket
{
    private readonly PinnedBuffer _in = new(DatagramSocket.DatagramSizeMax, BatchMax);
    private readonly int[] _lengths = new int[BatchMax];
    private readonly Socket _socket;

    public PlainQuerySocket(in Endpoint server, SeededRandomSource random)
        : base(server, random)
    {
        _socket = DatagramSocket.Bind(server.WithPort(0));
        _socket.Connect(SocketAddressCodec.ToIPEndPoint(server));
        _socket.Blocking = false;
    }

    public override int Receive()
    {
        int count = 0;
        while (count < BatchMax && _socket.Available > 0)
        {
            _lengths[count] = _socket.Receive(_in.Block(count), SocketFlags.None, out SocketError error);
            if (error != SocketError.Success)
            {
                break;
            }

            count++;
        }

        return count;
    }

    public override ReadOnlySpan<byte> Received(int index) => _in.Block(index)[.._lengths[index]];

    public override void Dispose() => _socket.Dispose();

    protected override void Send(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _socket.Send(Queries.Block(i), SocketFlags.None, out _);
        }
    }
}
