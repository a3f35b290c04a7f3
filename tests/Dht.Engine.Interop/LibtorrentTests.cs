using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Transport;

namespace Dht.Engine.Interop;

/// <summary>Our node and a real libtorrent session, both on loopback.</summary>
public sealed class LibtorrentTests
{
    private const string Torrent = "aabbccddeeff00112233445566778899aabbccdd";

    [LibtorrentFact]
    public async Task OurNode_PingsLibtorrent_AndHandsItOut()
    {
        await using DhtEngine engine = LoopbackEngines.Start(TransportKind.Auto);
        using LibtorrentPeer libtorrent = LibtorrentPeer.Start();
        Endpoint there = LoopbackEngines.Local(libtorrent.Port);

        PingResult ping = await LoopbackEngines.PingUntilAnswered(engine, there);
        Assert.Equal(QueryStatus.Answered, ping.Status);
        Assert.NotEqual(default, ping.Id);
        Assert.Equal("LT"u8, Convert.FromHexString(ping.Version.ToString()).AsSpan(0, 2));
        Assert.Equal(1, engine.Counters.Contacts);

        // A node that asks us for its id now learns where it is.
        CompactNode found = Assert.Single(FindNode(engine.LocalEndpoint, ping.Id));
        Assert.Equal(ping.Id, found.Id);
        Assert.Equal(there, found.Endpoint);
    }

    [LibtorrentFact]
    public Task Libtorrent_JoinsAnnouncesAndFindsItsPeer_OverTheBatchTransport() =>
        JoinAnnounceFind(OperatingSystem.IsLinux() ? TransportKind.Batch : TransportKind.Auto);

    [LibtorrentFact]
    public Task Libtorrent_JoinsAnnouncesAndFindsItsPeer_OverTheRing() => JoinAnnounceFind(TransportKind.Ring);

    [LibtorrentFact]
    public async Task OurCrawler_IsAnsweredByLibtorrent()
    {
        await using DhtEngine engine = LoopbackEngines.Start(TransportKind.Auto);
        using LibtorrentPeer libtorrent = LibtorrentPeer.Start();
        Endpoint there = LoopbackEngines.Local(libtorrent.Port);
        PingResult ping = await LoopbackEngines.PingUntilAnswered(engine, there);
        var observer = new RememberingObserver();

        CrawlReport report = await engine.CrawlAsync(new CrawlRequest { Start = [there], Observer = observer });

        Assert.True(report.IsComplete);
        Assert.Contains((ping.Id, there), observer.Nodes);
        Assert.Equal(observer.Nodes.Count, report.Counters.NodesAlive);
    }

    private static async Task JoinAnnounceFind(TransportKind kind)
    {
        await using DhtEngine engine = LoopbackEngines.Start(kind);
        using LibtorrentPeer libtorrent = LibtorrentPeer.Start();
        Endpoint here = engine.LocalEndpoint;

        // It bootstraps from us and, once we have answered, keeps us in its table.
        libtorrent.Say($"join 127.0.0.1 {here.Port}");
        JsonElement contacts = libtorrent.AskUntil(
            "contacts", "contacts", e => e.GetProperty("contacts").GetArrayLength() > 0);
        JsonElement us = Assert.Single(contacts.GetProperty("contacts").EnumerateArray());
        Assert.Equal(engine.Id.ToString(), us.GetProperty("id").GetString());
        Assert.Equal(here.ToString(), us.GetProperty("endpoint").GetString());

        // It announces to us and gets from us what it announced.
        libtorrent.Say($"announce {Torrent}");
        string expected = $"127.0.0.1:{libtorrent.Port}";
        JsonElement peers = libtorrent.AskUntil(
            $"get-peers {Torrent}", "peers", e =>
                e.GetProperty("infoHash").GetString() == Torrent && HasPeer(e, expected));
        Assert.True(HasPeer(peers, expected));
        Assert.True(engine.Counters.Node.PeersStored > 0);

        // It asks for samples (BEP 51) and is given that torrent.
        JsonElement samples = libtorrent.AskUntil($"sample 127.0.0.1 {here.Port} {Torrent}", "samples", _ => true);
        Assert.Equal(1, samples.GetProperty("num").GetInt32());
        Assert.Equal(Torrent, Assert.Single(samples.GetProperty("samples").EnumerateArray()).GetString());
        Assert.Equal(0, engine.Counters.Malformed);
        Assert.Equal(0, engine.Counters.Node.ErrorsSent);
    }

    internal static bool HasPeer(JsonElement reply, string peer) =>
        reply.GetProperty("peers").EnumerateArray().Any(p => p.GetString() == peer);

    private static List<CompactNode> FindNode(Endpoint node, NodeId target)
    {
        using var socket = new UdpClient(0, AddressFamily.InterNetwork);
        socket.Client.ReceiveTimeout = (int)LoopbackEngines.Patience.TotalMilliseconds;
        byte[] query = new byte[KrpcQueries.SizeMax];
        var envelope = new KrpcEnvelope { Id = NodeId.Parse(new string('7', 40)), TransactionId = "aa"u8 };
        int length = KrpcQueries.WriteFindNode(query, envelope, target);
        socket.Send(query, length, new IPEndPoint(IPAddress.Loopback, node.Port));
        IPEndPoint? from = null;
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(socket.Receive(ref from), out KrpcMessage reply));
        var nodes = new List<CompactNode>();
        foreach (CompactNode found in reply.Nodes)
        {
            nodes.Add(found);
        }

        return nodes;
    }

    private sealed class RememberingObserver : ICrawlObserver
    {
        public HashSet<(NodeId Id, Endpoint Endpoint)> Nodes { get; } = [];

        public void OnNode(in CrawledNode node) => Nodes.Add((node.Id, node.Endpoint));
    }
}
