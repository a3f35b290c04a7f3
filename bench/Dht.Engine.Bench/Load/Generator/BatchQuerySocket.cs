using System.Net.Sockets;
using System.Runtime.Versioning;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Transport;

namespace Dht.Engine.Bench.Load.Generator;

/// <summary>
/// Receives up to 64 datagrams a call, and sends as many. Queries are all of one size and go to one place, so where
/// the kernel can (UDP_SEGMENT) it is given them as one block to be cut up: the load must cost less than the fastest
/// server, or it is the load that is measured.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class BatchQuerySocket : QuerySocket
{
    private const int WaitsMax = 100;
    private const int UdpLevel = 17;
    private const int UdpSegment = 103;
    private const int Eio = 5;
    private const int Einval = 22;

    private readonly BatchSocket _socket;
    private bool _isSegmented;

    public BatchQuerySocket(in Endpoint server, SeededRandomSource random)
        : base(server, random)
    {
        _socket = new BatchSocket(server.WithPort(0), roomSize: 0);
        _socket.Socket.Connect(SocketAddressCodec.ToIPEndPoint(server));
        _isSegmented = TrySegment(Queries.BlockSize);
    }

    public override int Receive()
    {
        _socket.TryReceive();
        return _socket.ReceivedCount;
    }

    public override ReadOnlySpan<byte> Received(int index) => _socket.Received(index);

    public override void Dispose() => _socket.Dispose();

    protected override void Send(int count)
    {
        if (_isSegmented)
        {
            // The blocks lie one after another.
            _socket.StagePinned(Queries.Bytes.AsSpan(0, count * Queries.BlockSize));
            if (_socket.Send(WaitsMax).Error is not (Einval or Eio))
            {
                return;
            }

            // The path does not take it after all.
            TrySegment(0);
            _isSegmented = false;
        }

        for (int i = 0; i < count; i++)
        {
            _socket.StagePinned(Queries.Block(i));
        }

        _socket.Send(WaitsMax);
    }

    private bool TrySegment(int size)
    {
        try
        {
            _socket.Socket.SetRawSocketOption(UdpLevel, UdpSegment, BitConverter.GetBytes(size));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
