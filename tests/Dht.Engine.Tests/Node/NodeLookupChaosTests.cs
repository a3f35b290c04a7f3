using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Node;

public sealed class NodeLookupChaosTests
{
    private const int Lookups = 1500;
    private const int UnderWayMax = 32;

    // Takes of one search times the pause between two of them, and the timeouts after the last.
    private static readonly TimeSpan LookupMax = TimeSpan.FromSeconds(64);

    [Theory]
    [InlineData(60, 0, 51)]
    [InlineData(0, 60, 52)]
    [InlineData(60, 60, 53)]
    [InlineData(150, 90, 54)]
    [InlineData(30, 300, 55)]
    public void WhateverHappens_EveryLookupEndsOnceAndInTime(int ipv4, int ipv6, int seed)
    {
        World world = Wild(ipv4, ipv6, seed);
        var ends = new int[Lookups];
        var startedAt = new Instant[Lookups];
        var handles = new LookupHandle[Lookups];
        var recorder = new LookupRecorder();
        recorder.OnEnd = (_, cookie) =>
        {
            ends[cookie]++;
            TimeSpan took = world.Now - startedAt[cookie];
            Assert.True(took <= LookupMax, $"seed {seed}: lookup {cookie} took {took}");
        };
        int started = 0;
        while (started < Lookups)
        {
            switch (world.Random.Next(100))
            {
                case < 20 when world.Node.TryStartLookup(
                    Request(world, recorder, started), world.Now, out handles[started]):
                    startedAt[started++] = world.Now;
                    break;
                case < 23 when started > 0:
                    world.Node.CancelLookup(
                        handles[Math.Max(0, started - 1 - world.Random.Next(UnderWayMax))], world.Now);
                    break;
                case 23:
                    world.Self.IsStalled = !world.Self.IsStalled;
                    break;
                case 24:
                    int changing = world.Random.Next(world.Neighbours.Count);
                    world.Neighbours[changing].IsDead = !world.Neighbours[changing].IsDead;
                    break;
                case 25:
                    world.Run(TimeSpan.FromSeconds(1));
                    break;
                default:
                    world.Step(TimeSpan.FromSeconds(1));
                    break;
            }
        }

        world.Self.IsStalled = false;
        Assert.True(world.RunLookups(LookupMax), $"seed {seed}: {world.Node.LookupCount} lookups still go on.");
        world.Run(TimeSpan.FromSeconds(10));
        Assert.True(Array.TrueForAll(ends, static count => count == 1), $"seed {seed}: {string.Join(' ', ends)}");
        Assert.Equal((0, 0), (world.Node.OpenQueries, world.Node.LookupCount));
        Assert.True(world.LastFault == null, $"seed {seed}: {world.LastFault}");
        Assert.True(
            world.Node.NextDeadline == Instant.Never,
            $"seed {seed}: nothing is left to do at {world.Node.NextDeadline}");
    }

    [Theory]
    [InlineData(LookupKind.FindNode)]
    [InlineData(LookupKind.GetPeers)]
    [InlineData(LookupKind.Announce)]
    public void AnOutboxThatIsNeverEmptied_EndsEveryLookup(LookupKind kind)
    {
        var world = new World(WorldOptions.Crowd with { Seed = 60, OutboxSize = 4, IPv6Count = 200 });
        var recorder = new LookupRecorder();
        for (int i = 0; i < 8; i++)
        {
            var request = new LookupRequest { Kind = kind, Target = NodeId.Random(world.Random), Listener = recorder };
            Assert.True(world.Node.TryStartLookup(request, world.Now, out _));
        }

        world.Self.IsStalled = true;
        Assert.True(world.RunLookups(LookupMax), $"{world.Node.LookupCount} lookups still go on.");
        Assert.Equal(8, recorder.Ends);
    }

    private static World Wild(int ipv4, int ipv6, int seed) => new(WorldOptions.Crowd with
    {
        Seed = (ulong)seed,
        IPv4Count = ipv4,
        IPv6Count = ipv6,
        PerAddress = 1 + (seed % 4),
        Known = 30,
        DeadShare = 0.2,
        Loss = 0.1,
        ErrorShare = 0.1,
        DuplicateShare = 0.2,
        ForbiddenShare = 0.1,
        SlowShare = 0.2,
        OutboxSize = 12,
        Node = WorldOptions.Shared with
        {
            QueryTimeout = TimeSpan.FromSeconds(2),
            LookupsMax = UnderWayMax,
            OpenQueriesMax = 100,
            QueriesPerSecondPerAddress = 4,
        },
    });

    private static LookupRequest Request(World world, LookupRecorder recorder, int number) => new()
    {
        Kind = (LookupKind)world.Random.Next(4),
        Target = NodeId.Random(world.Random),
        Listener = recorder,
        Cookie = number,
    };
}
