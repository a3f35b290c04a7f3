using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Engine;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// An engine on loopback of one family that does nothing by itself, and a raw socket beside it. Whatever is sent is
/// followed by a ping: what came back before its pong is the answer, and the pong proves that the loop goes on. So
/// nothing depends on time.
/// </summary>
internal sealed class SocketPair : IAsyncDisposable
{
    private const int BurstMax = 16;
    private const int Rounds = 8;
    private const long AllocatedMax = 512;

    private readonly byte[] _buffer = new byte[65_536];
    private readonly IPAddress _address;
    private int _number;

    private SocketPair(IpFamily family, DhtEngine engine)
    {
        Family = family;
        Engine = engine;
        _address = family == IpFamily.IPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        Socket = OpenSocket();
    }

    /// <summary>The families that this machine has.</summary>
    public static TheoryData<IpFamily> Families =>
        Socket.OSSupportsIPv6 ? [IpFamily.IPv4, IpFamily.IPv6] : [IpFamily.IPv4];

    public static NodeOptions Unthrottled { get; } = new()
    {
        AnswersPerSecondPerAddress = 0,
        QueriesPerSecondPerAddress = 0,
        QueryTimeout = Loopback.Patience,
    };

    public IpFamily Family { get; }

    public DhtEngine Engine { get; }

    public Socket Socket { get; }

    public Endpoint Here => EndpointOf(Socket);

    /// <summary>Queries of the engine that arrived so far.</summary>
    public List<byte[]> Queries { get; } = [];

    public DhtEngineCounters Counters => Engine.Counters;

    public static SocketPair Start(
        IpFamily family, NodeOptions? node = null, Func<DhtEngineOptions, DhtEngineOptions>? change = null)
    {
        var options = new DhtEngineOptions
        {
            Bind = family == IpFamily.IPv6 ? Endpoint.FromIPv6(0, 1, 0) : Loopback.AnyPort,
            AddressPolicy = AddressPolicy.AllowLocal,
            Node = node ?? Unthrottled,
        };
        return new SocketPair(family, IdleEngine.Start(change == null ? options : change(options)));
    }

    public static Endpoint EndpointOf(Socket socket)
    {
        var end = (IPEndPoint)socket.LocalEndPoint!;
        return Endpoint.FromAddress(end.Address, (ushort)end.Port);
    }

    /// <summary>Another socket that talks to the engine alone; from another address where one is given.</summary>
    public Socket OpenSocket(string? local = null)
    {
        var socket = new Socket(_address.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveTimeout = (int)Loopback.Patience.TotalMilliseconds,
        };
        socket.Bind(new IPEndPoint(local == null ? _address : IPAddress.Parse(local), 0));
        socket.Connect(new IPEndPoint(_address, Engine.LocalEndpoint.Port));
        return socket;
    }

    /// <summary>
    /// Sends datagrams, and returns what came back, without the engine's own queries, before a ping after them was
    /// answered.
    /// </summary>
    public List<string> Exchange(params byte[][] datagrams)
    {
        var replies = new List<string>();
        for (int i = 0; i < datagrams.Length; i++)
        {
            Socket.Send(datagrams[i]);
            if (i % BurstMax == BurstMax - 1)
            {
                Settle(replies);
            }
        }

        Settle(replies);
        return replies;
    }

    /// <summary>Lets the engine ask get_peers of this socket; returns its transaction id.</summary>
    public async Task<string> AskAsync(IQueryListener listener, InfoHash infoHash = default)
    {
        Endpoint here = Here;
        AskResult result = await Engine.InvokeAsync(
            (node, now) => node.GetPeers(here, infoHash, IpFamily.Both, now, listener));
        Assert.Equal(AskResult.Sent, result);
        while (true)
        {
            byte[] datagram = Receive();
            KrpcMessage.Parse(datagram, out KrpcMessage message);
            if (message.Kind == KrpcKind.Query && message.Method == KrpcMethod.GetPeers)
            {
                return Wire.Text(message.TransactionId);
            }
        }
    }

    /// <summary>Lets the engine ask this socket, and answers with what is made of the transaction id.</summary>
    public async Task<ReceivedReply> ReplyAsync(Func<string, string> reply)
    {
        var received = new ReceivedReply();
        string transaction = await AskAsync(received);
        Exchange(Wire.Bytes(reply(transaction)));
        return received;
    }

    /// <summary>
    /// Sends every case and checks what becomes of it; then all of them again and again: nothing is allocated,
    /// nothing grows.
    /// </summary>
    public async Task AssertAsync(IReadOnlyList<HostileCase> cases)
    {
        foreach (HostileCase one in cases)
        {
            DhtEngineCounters before = Counters;
            List<string> replies = Exchange(one.Datagram);
            string? wrong = Judge(one, before, Counters, replies);
            Assert.True(wrong == null, $"{Family}, {one.Name}: {wrong}");
        }

        await AssertNothingGrowsAsync([.. cases.Select(static one => one.Datagram)]);
    }

    /// <summary>
    /// What the loop's thread allocates for a hundred rounds of these is less than a byte for each, and no state
    /// grows.
    /// </summary>
    public async Task AssertNothingGrowsAsync(byte[][] datagrams)
    {
        Exchange(datagrams);
        (int Contacts, int Open, int Peers, int Torrents) state = await StateAsync();
        await AllocatedAsync();
        long idle = -await AllocatedAsync() + await AllocatedAsync();

        // What the runtime does once, at some moment of its own, is not in all of three tries.
        long allocated = long.MaxValue;
        for (int tries = 0; tries < 3 && allocated >= AllocatedMax; tries++)
        {
            long before = await AllocatedAsync();
            for (int round = 0; round < Rounds; round++)
            {
                Exchange(datagrams);
            }

            // Whatever the call itself allocates is in both differences.
            allocated = await AllocatedAsync() - before - idle;
        }

        Assert.True(
            allocated < AllocatedMax, $"{Family}: {allocated} bytes for {Rounds * datagrams.Length} datagrams.");
        Assert.Equal(state, await StateAsync());
        Assert.Equal(0, Counters.Faults);
        Assert.True(Engine.IsRunning);
    }

    public Task<(int Contacts, int Open, int Peers, int Torrents)> StateAsync() =>
        Engine.InvokeAsync(static (node, _) =>
            (node.ContactCount, node.OpenQueries, node.Peers.PeerCount, node.Peers.InfoHashCount));

    /// <summary>
    /// One attempt at a ping, while datagrams may be lost: whether an answer to it came within a while.
    /// </summary>
    public bool TryPing() => TryPing(Socket);

    /// <summary>The same over another socket.</summary>
    public bool TryPing(Socket socket)
    {
        string transaction = string.Create(CultureInfo.InvariantCulture, $"#{_number++:x6}");
        socket.Send(Ping(transaction));
        socket.ReceiveTimeout = 200;
        try
        {
            while (!Wire.Text(_buffer.AsSpan(0, socket.Receive(_buffer))).Contains(
                "1:t7:" + transaction, StringComparison.Ordinal))
            {
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        finally
        {
            socket.ReceiveTimeout = (int)Loopback.Patience.TotalMilliseconds;
        }
    }

    /// <summary>The next datagram, whatever it is.</summary>
    public byte[] Receive() => _buffer[..Socket.Receive(_buffer)];

    public async ValueTask DisposeAsync()
    {
        Socket.Dispose();
        await Engine.DisposeAsync();
    }

    private Task<long> AllocatedAsync() => Engine.InvokeAsync(static (_, _) => GC.GetAllocatedBytesForCurrentThread());

    private void Settle(List<string> replies)
    {
        string transaction = string.Create(CultureInfo.InvariantCulture, $"#{_number++:x6}");
        Socket.Send(Ping(transaction));
        string mark = "1:t7:" + transaction;
        var waited = Stopwatch.StartNew();
        while (true)
        {
            Assert.True(waited.Elapsed < Loopback.Patience, "The ping after them was not answered.");
            byte[] datagram = Receive();
            string text = Wire.Text(datagram);
            if (text.Contains(mark, StringComparison.Ordinal))
            {
                Assert.EndsWith("1:y1:re", text, StringComparison.Ordinal);
                return;
            }

            if (text.EndsWith("1:y1:qe", StringComparison.Ordinal))
            {
                Queries.Add(datagram);
            }
            else
            {
                replies.Add(text);
            }
        }
    }

    private static byte[] Ping(string transaction) =>
        Wire.Bytes($"d1:ad2:id20:{Wire.IdA}e1:q4:ping1:t7:{transaction}1:y1:qe");

    private static string? Judge(
        HostileCase one, DhtEngineCounters before, DhtEngineCounters after, List<string> replies)
    {
        if (one.Outcome <= Outcome.Error204)
        {
            return replies.Count != 1 ? $"{replies.Count} replies"
                : one.Outcome == Outcome.Answer
                    ? replies[0].EndsWith("1:y1:re", StringComparison.Ordinal) ? null : replies[0]
                : WireText.ErrorOf(Wire.Bytes(replies[0])).Code == one.Outcome switch
                {
                    Outcome.Error202 => 202,
                    Outcome.Error203 => 203,
                    _ => 204,
                } ? null : replies[0];
        }

        long counted = one.Outcome switch
        {
            Outcome.Malformed => after.Malformed - before.Malformed,
            Outcome.Foreign => after.Foreign - before.Foreign,
            Outcome.Truncated => after.Transport.Truncated - before.Transport.Truncated,
            _ => after.Node.Unexpected - before.Node.Unexpected,
        };
        return replies.Count > 0 ? $"a reply: {replies[0]}"
            : counted != 1 ? $"counted {counted} times as {one.Outcome}"
            : null;
    }
}
