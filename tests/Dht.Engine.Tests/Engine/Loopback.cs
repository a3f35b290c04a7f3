using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Engine;

/// <summary>What tests over real sockets share: an engine on loopback and a plain socket beside it.</summary>
internal static class Loopback
{
    /// <summary>How long something that must come may take on a machine that is busy with everything at once.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Endpoint AnyPort { get; } = Endpoint.FromIPv4(0x7F000001, 0);

    public static TheoryData<TransportKind> Transports =>
        OperatingSystem.IsLinux() ? [TransportKind.Ring, TransportKind.Batch] : [TransportKind.Ring];

    /// <summary>
    /// An engine on loopback whose queries have time; a test that waits for a query to fail sets a timeout of its
    /// own.
    /// </summary>
    public static DhtEngineOptions Options(TransportKind kind = TransportKind.Auto) => new()
    {
        Bind = AnyPort,
        AddressPolicy = AddressPolicy.AllowLocal,
        Transport = kind,
        Node = new NodeOptions { QueryTimeout = Patience },
    };

    public static DhtEngine Start(DhtEngineOptions options)
    {
        var engine = new DhtEngine(options);
        engine.Start();
        return engine;
    }

    /// <summary>
    /// Pings until something other than a timeout comes: for an engine whose queries have little time.
    /// </summary>
    public static async Task<PingResult> PingUntilAnswered(DhtEngine engine, Endpoint destination)
    {
        var waited = Stopwatch.StartNew();
        PingResult result = await engine.PingAsync(destination);
        while (result.Status == QueryStatus.TimedOut && waited.Elapsed < Patience)
        {
            result = await engine.PingAsync(destination);
        }

        return result;
    }

    /// <summary>A blocking socket that talks to one engine only.</summary>
    public static Socket Connect(DhtEngine engine)
    {
        Endpoint there = engine.LocalEndpoint;
        var socket = new Socket(
            there.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork,
            SocketType.Dgram,
            ProtocolType.Udp)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
        };
        socket.Connect(new IPEndPoint(there.IsIPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, there.Port));
        return socket;
    }

    /// <summary>Sends a query and returns the first datagram that comes back and is not a query.</summary>
    public static byte[] Ask(Socket socket, ReadOnlySpan<byte> query)
    {
        socket.Send(query);
        byte[] buffer = new byte[2048];
        while (true)
        {
            byte[] datagram = buffer[..socket.Receive(buffer)];
            if (datagram.AsSpan().IndexOf("1:y1:q"u8) < 0)
            {
                return datagram;
            }
        }
    }
}
