using System.Diagnostics;
using System.Text.Json;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Routing;
using Dht.Engine.Storage;

namespace Dht.Engine.Interop;

/// <summary>
/// Two nodes of ours and a libtorrent session, all on one address: what any of them announces, the others find.
/// </summary>
public sealed class LookupTests
{
    private const int Tries = 50;

    // One address for three nodes, and lookups one after another: the limits for each address are for a real network.
    private static readonly NodeOptions Options = new()
    {
        QueriesPerSecondPerAddress = 0,
        AnswersPerSecondPerAddress = 0,
        Peers = new PeerStoreOptions
        {
            InfoHashCapacity = 65_536,
        },
        Table = new RoutingTableOptions { AllowSharedAddresses = true },
    };

    [LibtorrentFact]
    public async Task WhatWeAnnounce_LibtorrentFinds_AndWhatItAnnounces_WeFind()
    {
        using LibtorrentPeer libtorrent = LibtorrentPeer.Start();
        Endpoint there = LoopbackEngines.Local(libtorrent.Port);
        await using DhtEngine first = Start([there]);
        await LoopbackEngines.PingUntilAnswered(first, there);
        await using DhtEngine second = Start([there, first.LocalEndpoint]);
        libtorrent.Say($"join 127.0.0.1 {first.LocalEndpoint.Port}");
        libtorrent.Say($"join 127.0.0.1 {second.LocalEndpoint.Port}");
        Assert.True((await second.JoinAsync().WaitAsync(LoopbackEngines.Patience)).HasJoined);
        libtorrent.AskUntil("contacts", "contacts", static e => e.GetProperty("contacts").GetArrayLength() == 2);

        for (int i = 0; i < Tries; i++)
        {
            string ours = $"{i:x2}{new string('a', 38)}";
            var port = (ushort)(20_000 + i);
            LookupResult announced = await first.AnnounceAsync(InfoHash.Parse(ours), port)
                .WaitAsync(LoopbackEngines.Patience);
            Assert.Equal(2, announced.Report.AnnouncesAccepted);
            Assert.True(await Finds(second, ours, LoopbackEngines.Local(port)));

            // What libtorrent stores it does not tell itself: this it has from our second node.
            libtorrent.AskUntil(
                $"get-peers {ours}", "peers", e => IsOf(e, ours) && LibtorrentTests.HasPeer(e, $"127.0.0.1:{port}"));
        }

        for (int i = 0; i < Tries; i++)
        {
            string its = $"{i:x2}{new string('b', 38)}";
            libtorrent.Say($"announce {its}");

            // It looks for the nearest nodes first, in its own time.
            await Until(
                () => Finds(first, its, there),
                $"Announcement {i} of libtorrent is not found; {second.Counters.Node.PeersStored} were stored.");
        }

        Assert.Equal(0, first.Counters.Node.ErrorsSent + second.Counters.Node.ErrorsSent);
        Assert.Equal(0, first.Counters.Malformed + second.Counters.Malformed);
    }

    private static bool IsOf(JsonElement reply, string infoHash) =>
        reply.GetProperty("infoHash").GetString() == infoHash;

    private static DhtEngine Start(IReadOnlyList<Endpoint> bootstrap)
    {
        var engine = new DhtEngine(new DhtEngineOptions
        {
            Bind = LoopbackEngines.Local(0),
            AddressPolicy = AddressPolicy.AllowLocal,
            Bootstrap = [.. bootstrap],
            Node = Options,
        });
        engine.Start();
        return engine;
    }

    private static async Task<bool> Finds(DhtEngine engine, string infoHash, Endpoint peer)
    {
        bool found = false;
        await foreach (Endpoint candidate in engine.GetPeersAsync(InfoHash.Parse(infoHash)))
        {
            found |= candidate == peer;
        }

        return found;
    }

    private static async Task Until(Func<Task<bool>> condition, string complaint)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(waited.Elapsed < LoopbackEngines.Patience, complaint);
            await Task.Delay(100);
        }
    }
}
