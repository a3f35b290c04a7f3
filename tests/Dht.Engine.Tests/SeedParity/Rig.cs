using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Bencode;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Engine;
using Dht.Engine.Tests.Krpc;

namespace Dht.Engine.Tests.SeedParity;

/// <summary>What the tests of the rows share: many local addresses, messages by hand, and patience.</summary>
internal static class Rig
{
    /// <summary>Whether all of 127.0.0.0/8 is ours; elsewhere only 127.0.0.1 is.</summary>
    public static bool HasManyAddresses => OperatingSystem.IsLinux();

    /// <summary>A local address in a /24 of its own, with port 0.</summary>
    public static Endpoint Place(int number) =>
        HasManyAddresses ? Endpoint.FromIPv4(0x7F5A_0001 + ((uint)number << 8), 0) : Loopback.AnyPort;

    /// <summary>A local address in a network of its own where nobody listens.</summary>
    public static Endpoint Nowhere(IpFamily family, int number) => family == IpFamily.IPv4
        ? Endpoint.FromIPv4(0x7F10_0001 + ((uint)number << 8), 9)
        : Endpoint.FromIPv6(0xFD00_0000_0000_0000 + ((ulong)number << 16), 1, 9);

    /// <summary>A public address in a network of its own, for nodes without a socket.</summary>
    public static Endpoint Public(IpFamily family, int number, ushort port = 6881) => family == IpFamily.IPv4
        ? Endpoint.FromIPv4(0x0800_0001 + ((uint)number << 8), port)
        : Endpoint.FromIPv6(0x2A00_0000_0000_0000 + ((ulong)number << 32), 1, port);

    /// <summary>The bytes of an id, one character each.</summary>
    public static string Text(in NodeId id)
    {
        byte[] bytes = new byte[NodeId.Size];
        id.CopyTo(bytes);
        return Wire.Text(bytes);
    }

    /// <summary>The compact form of an endpoint, one character a byte.</summary>
    public static string Text(in Endpoint endpoint)
    {
        byte[] bytes = new byte[endpoint.CompactSize];
        endpoint.WriteCompact(bytes);
        return Wire.Text(bytes);
    }

    /// <summary>The compact form of a contact, one character a byte.</summary>
    public static string Text(in CompactNode node) => Text(node.Id) + Text(node.Endpoint);

    /// <summary>A query of a sender of one's choice.</summary>
    public static byte[] Query(in NodeId sender, string method, string arguments = "") =>
        Wire.Bytes($"d1:ad2:id20:{Text(sender)}{arguments}e1:q{Wire.Str(method)}1:t2:aa1:y1:qe");

    /// <summary>The <c>e</c> of an error message: exactly a number and a text.</summary>
    public static (long Code, string Text) ErrorOf(byte[] datagram)
    {
        BencodeValue message = BencodeValue.Parse(datagram, BencodeMode.Strict);
        Assert.Equal("e", message["y"].GetText());
        BencodeValue error = message["e"];
        Assert.Equal(BencodeKind.List, error.Kind);
        Assert.Equal(2, error.Count);
        Assert.Equal(BencodeKind.Integer, error[0].Kind);
        Assert.Equal(BencodeKind.String, error[1].Kind);
        return (error[0].GetInteger(), Encoding.UTF8.GetString(error[1].GetBytes().Span));
    }

    /// <summary>A socket on 127.0.0.1 that answers nobody unless the test does.</summary>
    public static Socket Silent(out Endpoint place)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveTimeout = (int)Loopback.Patience.TotalMilliseconds,
        };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        place = Loopback.AnyPort.WithPort((ushort)((IPEndPoint)socket.LocalEndPoint!).Port);
        return socket;
    }

    /// <summary>Waits until something holds that must come to hold.</summary>
    public static async Task Until(Func<bool> holds, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(waited.Elapsed < Loopback.Patience, $"In {Loopback.Patience.TotalSeconds} s it never came that {what}.");
            await Task.Delay(5);
        }
    }

    /// <summary>An engine that does nothing by itself: no join, no refresh, no ping.</summary>
    public static DhtEngine StartIdle(DhtEngineOptions options)
    {
        var engine = new DhtEngine(options);
        foreach (NodeTask task in engine.Tasks.All.ToArray())
        {
            task.Remove();
        }

        engine.Start();
        return engine;
    }
}
