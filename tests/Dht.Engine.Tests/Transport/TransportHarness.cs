using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Rpc;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Transport;

/// <summary>Transports on loopback and plain sockets to talk to them.</summary>
internal static class TransportHarness
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static TheoryData<TransportKind> Kinds =>
        OperatingSystem.IsLinux() && Environment.Is64BitProcess
            ? [TransportKind.Ring, TransportKind.Batch]
            : [TransportKind.Ring];

    public static IDatagramTransport Bind(TransportKind kind, string local = "127.0.0.1:0") =>
        DatagramTransport.Bind(Endpoint.Parse(local), kind);

    public static Outbox Outbox(int count = 256) =>
        new(count, count * Dht.Engine.Rpc.Outbox.DatagramSizeMax, AddressPolicy.AllowLocal);

    public static Socket Plain(string address = "127.0.0.1")
    {
        var ip = IPAddress.Parse(address);
        var socket = new Socket(ip.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
            ReceiveBufferSize = 4 << 20,
        };
        socket.Bind(new IPEndPoint(ip, 0));
        return socket;
    }

    public static Endpoint EndpointOf(Socket socket)
    {
        var end = (IPEndPoint)socket.LocalEndPoint!;
        return Endpoint.FromAddress(end.Address, (ushort)end.Port);
    }

    public static void SendTo(this Socket socket, byte[] datagram, Endpoint to) =>
        socket.SendTo(datagram, new IPEndPoint(to.ToAddress(), to.Port));

    public static void Stage(Outbox outbox, Endpoint to, ReadOnlySpan<byte> datagram)
    {
        Assert.Equal(StageResult.Ready, outbox.TryReserve(to, out Span<byte> place));
        datagram.CopyTo(place);
        outbox.Commit(datagram.Length);
    }

    /// <summary>Drives the transport until the receiver has what it waits for.</summary>
    public static void Drive(IDatagramTransport transport, Collector collector, Func<bool> done)
    {
        var watch = Stopwatch.StartNew();
        while (!done())
        {
            Assert.True(watch.Elapsed < Patience, $"Nothing came in {Patience}: {transport.Counters}");
            if (transport.Receive(collector) == 0)
            {
                transport.Wait(TimeSpan.FromMilliseconds(50));
            }
        }
    }
}
