using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Lookup;

/// <summary>Whole searches through 10,000 live nodes, where 30 % of the contacts in tables are dead.</summary>
public sealed class SearchTests
{
    private const int Searches = 400;
    private const int K = 8;

    private static readonly SearchConditions Calm = new() { ShortTimeout = 30, LongTimeout = 40 };

    // Loss of 3 % for query and reply together; the short timeout is the 90 % quantile of the round trips.
    private static readonly SearchConditions Real = new() { Sigma = 0.5, Loss = 0.015, ShortTimeout = 1.9 };

    [Theory]
    [InlineData(IpFamily.IPv4, 1)]
    [InlineData(IpFamily.IPv6, 2)]
    public void ASearch_FindsTheTrueClosest(IpFamily family, ulong seed)
    {
        int exact = Count(new SearchNetwork(10_000, 0.3, noticed: 0.9, seed, family), Calm, seed, IsExact);
        Assert.True(exact >= Searches * 0.99, $"seed {seed}: {exact} of {Searches}");
    }

    /// <summary>
    /// Where all tables hold the same dead contacts, replies of eight may not name all that live: no search can do
    /// more.
    /// </summary>
    [Fact]
    public void ASearch_FindsTheClosestOfAllThatItHeardOf()
    {
        const ulong Seed = 3;
        var dead = new SearchNetwork(10_000, 0.3, noticed: 0, Seed);
        int exact = Count(dead, Calm, Seed, static (network, target, _, result) =>
        {
            IEnumerable<NodeId> known = result.Named
                .Where(endpoint => network.TryFind(endpoint, out int node) && !network.IsDead(node))
                .Select(endpoint => network.TryFind(endpoint, out int node) ? network.IdOf(node) : default);
            return result.Closest.Select(node => node.Id)
                .SequenceEqual(known.OrderBy(id => id.DistanceTo(target)).Take(K));
        });
        Assert.True(exact == Searches, $"seed {Seed}: {exact} of {Searches}");
    }

    [Fact]
    public void ASearch_TakesFewRoundTripsAndFewQueries()
    {
        const ulong Seed = 4;
        var durations = new List<double>();
        var asked = new List<int>();
        Count(new SearchNetwork(10_000, 0.3, noticed: 0.5, Seed), Real, Seed, (_, _, _, result) =>
        {
            durations.Add(result.Duration);
            asked.Add(result.Asked);
            return result.AsksOf.Values.All(count => count == 1);
        });
        durations.Sort();
        double median = durations[Searches / 2];
        double slow = durations[Searches * 95 / 100];
        string figures = $"seed {Seed}: p50 {median:F2}, p95 {slow:F2}, {asked.Average():F1} queries";
        Assert.True(median < 4.5 && slow < 7 && asked.Average() < 60, figures);
    }

    [Fact]
    public void WaitingForLateOnes_FindsMore()
    {
        const ulong Seed = 5;
        var network = new SearchNetwork(10_000, 0.3, noticed: 0.5, Seed);
        int early = Count(network, Real, Seed, IsExact);
        int settled = Count(network, Real with { UntilSettled = true }, Seed, IsExact);
        Assert.True(settled > early, $"seed {Seed}: {early}, {settled}");
    }

    /// <summary>
    /// Every tenth node answers with made-up contacts nearer than any true one, at endpoints that never answer.
    /// </summary>
    [Fact]
    public void Liars_DoNotHideTheClosest()
    {
        const ulong Seed = 6;
        var network = new SearchNetwork(10_000, 0.3, noticed: 0.9, Seed);
        var random = new SeededRandomSource(Seed);
        int exact = Count(
            network, Calm, Seed, static (network, target, self, result) => IsExact(network, target, self, result),
            (node, target) => node % 10 != 0 ? null : [.. Enumerable.Range(0, 100).Select(i => new CompactNode(
                target.RandomWithCommonPrefix(20 + random.Next(100), random),
                Endpoint.FromIPv4(0x50000000 | (random.NextUInt32() >> 4), 1)))]);
        Assert.True(exact >= Searches * 0.9, $"seed {Seed}: {exact} of {Searches}");
    }

    /// <summary>
    /// Every tenth node names the true closest, by their ids and addresses, with false endpoints and with false ids.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LiarsWhoNameTheClosestFalsely_DoNotHideThem(bool falseIds)
    {
        const ulong Seed = 7;
        var network = new SearchNetwork(10_000, 0.3, noticed: 0.9, Seed);
        var random = new SeededRandomSource(Seed);
        NodeId last = default;
        List<CompactNode> lie = [];
        int exact = Count(network, Calm, Seed, IsExact, (node, target) =>
        {
            if (target != last)
            {
                last = target;
                lie = [.. network.TrueClosest(target, K, without: -1).Select(id => FalseContact(id, falseIds))];
            }

            return node % 10 == 0 ? lie : null;
        });
        Assert.True(exact >= Searches * 0.97, $"seed {Seed}: {exact} of {Searches}");

        CompactNode FalseContact(NodeId id, bool isFalseId)
        {
            Endpoint endpoint = network.EndpointOf(network.NodeOf(id));
            return isFalseId
                ? new CompactNode(id.RandomWithCommonPrefix(100, random), endpoint)
                : new CompactNode(id, endpoint.WithPort((ushort)(endpoint.Port - 1)));
        }
    }

    private static bool IsExact(SearchNetwork network, NodeId target, int self, SearchResult result) =>
        result.Closest.Select(node => node.Id).SequenceEqual(network.TrueClosest(target, K, self));

    private static int Count(
        SearchNetwork network,
        SearchConditions conditions,
        ulong seed,
        Func<SearchNetwork, NodeId, int, SearchResult, bool> check,
        Func<int, NodeId, List<CompactNode>?>? lie = null)
    {
        var random = new SeededRandomSource(seed + 100);
        var set = new CandidateSet(new CandidateSetOptions(), random);
        int good = 0;
        for (int i = 0; i < Searches; i++)
        {
            int self = network.RandomLive(random);
            var target = NodeId.Random(random);
            var run = new SearchRun(network, conditions, set, random.NextUInt64()) { Lie = lie };
            SearchResult result = run.Search(target, self);
            good += check(network, target, self, result) ? 1 : 0;
        }

        return good;
    }
}
