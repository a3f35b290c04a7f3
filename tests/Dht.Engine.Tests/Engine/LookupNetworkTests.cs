using System.Collections.Concurrent;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Architecture;
using Xunit.Abstractions;

namespace Dht.Engine.Tests.Engine;

/// <summary>Lookups over real sockets among many real nodes, each with a thread of its own.</summary>
[Collection(QuietProcess.Name)]
public sealed class LookupNetworkTests(ITestOutputHelper output)
{
    private const int K = 8;

    private static readonly ParallelOptions EightAtATime = new() { MaxDegreeOfParallelism = 8 };

    [Fact]
    public async Task Among200NodesOf30PercentSilent_TheTrueClosestAreFound_AndWhatOneAnnouncesAllFind()
    {
        await using EngineNetwork network = await EngineNetwork.StartAsync(200);
        await network.UntilSettled(K);
        output.WriteLine(
            $"200 nodes joined after {network.JoinTime.TotalSeconds:F2} s, and had settled "
                + $"{network.SettleTime.TotalSeconds:F2} s later.");
        network.Silence(network.Engines.Where(static (_, index) => index % 10 is 3 or 6 or 9));
        IReadOnlyList<DhtEngine> live = network.Live;
        Assert.Equal(140, live.Count);

        // At first every table still holds the silent ones, and hands them out. On a quiet machine all are exact; on
        // a starved one live nodes may answer so late that a lookup does without them.
        await CheckClosest(network, live, seed: 42, exactMin: 95);
        await CheckClosest(network, live, seed: 43, exactMin: 95);
        await CheckAnnounce(live);
    }

    [Fact]
    public async Task FiftyNodes_JoinThroughOne_AndOutliveIt()
    {
        await using EngineNetwork network = await EngineNetwork.StartAsync(50);
        output.WriteLine($"50 nodes know at least {K} others after {network.JoinTime.TotalSeconds:F2} s.");
        Assert.All(network.Engines, static engine => Assert.InRange(engine.Counters.Contacts, K, 49));

        await network.UntilSettled(K);
        await network.Engines[0].StopAsync();
        network.Silence([network.Engines[0]]);
        Assert.All(network.Live, static engine => Assert.InRange(engine.Counters.Contacts, K - 1, 49));
        await CheckAnnounce(network.Live);
        foreach (DhtEngine engine in network.Live)
        {
            LookupResult found = await engine.FindNodeAsync(engine.Id).WaitAsync(Loopback.Patience);
            Assert.Equal(LookupStatus.Finished, found.Status);
            Assert.Equal(K, found.Closest.Count);
        }
    }

    private async Task CheckClosest(EngineNetwork network, IReadOnlyList<DhtEngine> live, ulong seed, int exactMin)
    {
        const int tries = 100;
        var random = new SeededRandomSource(seed);
        var elapsed = new ConcurrentBag<double>();
        var asked = new ConcurrentBag<int>();
        int exact = 0;
        (DhtEngine Asker, NodeId Target)[] searches =
            [.. Enumerable.Range(0, tries).Select(i => (live[i % live.Count], NodeId.Random(random)))];
        await Parallel.ForEachAsync(searches, EightAtATime, async (search, cancellation) =>
        {
            LookupResult found = await search.Asker.FindNodeAsync(search.Target, cancellation).WaitAsync(
                Loopback.Patience, cancellation);
            NodeId[] expected = network.TrueClosest(search.Target, K, search.Asker);
            if (found.Closest.Take(K).Select(static contact => contact.Id).SequenceEqual(expected))
            {
                Interlocked.Increment(ref exact);
            }

            elapsed.Add(found.Report.Elapsed.TotalMilliseconds);
            asked.Add(found.Report.Asked);
        });
        double[] sorted = [.. elapsed.Order()];
        output.WriteLine(
            $"{exact} of {tries} exact (seed {seed}); "
            + $"{sorted[tries / 2]:F0} ms median, {sorted[tries * 95 / 100]:F0} ms p95, "
            + $"{asked.Average():F1} queries.");
        Assert.InRange(exact, exactMin, tries);
    }

    private async Task CheckAnnounce(IReadOnlyList<DhtEngine> live)
    {
        var infoHash = InfoHash.Random(new SeededRandomSource(7));
        DhtEngine announcer = live[5];
        LookupResult announced = await announcer.AnnounceAsync(infoHash, 4711).WaitAsync(Loopback.Patience);
        output.WriteLine(
            $"Announced at {announced.Report.AnnouncesAccepted} of {announced.Report.AnnouncesSent} nodes.");
        Assert.Equal(LookupStatus.Finished, announced.Status);
        Assert.InRange(announced.Report.AnnouncesAccepted, 1, K);

        Endpoint peer = announcer.LocalEndpoint.WithPort(4711);
        int found = 0;
        await Parallel.ForEachAsync(live, EightAtATime, async (engine, cancellation) =>
        {
            if (engine != announcer && await Finds(engine, infoHash, peer, cancellation))
            {
                Interlocked.Increment(ref found);
            }
        });
        output.WriteLine($"{found} of {live.Count - 1} others found the peer.");
        Assert.Equal(live.Count - 1, found);
    }

    private static async Task<bool> Finds(
        DhtEngine engine, InfoHash infoHash, Endpoint peer, CancellationToken cancellation)
    {
        // A node that keeps the peer itself finds it at the others of the nearest.
        await foreach (Endpoint found in engine.GetPeersAsync(infoHash, cancellation))
        {
            if (found == peer)
            {
                return true;
            }
        }

        return false;
    }
}
