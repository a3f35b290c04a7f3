using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

/// <summary>Every lookup ends, and its listener hears of it exactly once.</summary>
public sealed class NodeLookupEndTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(LookupKind.FindNode)]
    [InlineData(LookupKind.Announce)]
    public void CancelledAtAnyStep_ItEndsOnce(LookupKind kind)
    {
        var world = new World(
            WorldOptions.Crowd with { Seed = 20, DeadShare = 0.3, DuplicateShare = 0.2, SlowShare = 0.2 });
        var recorder = new LookupRecorder();
        int lookups = 0;
        for (int steps = 0; recorder.Statuses[(int)LookupStatus.Finished] < 3; steps++)
        {
            Assert.True(steps < 1000);
            LookupHandle handle = Start(world, recorder, NodeId.Random(world.Random), kind);
            for (int i = 0; i < steps && world.Node.LookupCount > 0; i++)
            {
                world.Step(Minute);
            }

            world.Node.CancelLookup(handle, world.Now);
            world.Node.CancelLookup(handle, world.Now);
            Assert.Equal((++lookups, 0), (recorder.Ends, world.Node.LookupCount));
        }

        world.Run(Minute);
        Assert.Equal((lookups, 0), (recorder.Ends, world.Node.OpenQueries));
        Assert.True(recorder.Statuses[(int)LookupStatus.Cancelled] > 20);
    }

    [Fact]
    public void CancelledWhilePeersAreHandedOn_ItEndsOnceAndAsksNobodyElse()
    {
        var world = new World(WorldOptions.Crowd with { Seed = 21 });
        var recorder = new LookupRecorder();
        LookupHandle handle = default;
        recorder.OnPeer = _ => world.Node.CancelLookup(handle, world.Now);
        for (int i = 1; i <= 200; i++)
        {
            NodeId target = NodeId.Random(world.Random);
            handle = Start(world, recorder, target, i % 2 == 0 ? LookupKind.GetPeers : LookupKind.Announce);
            Assert.True(world.RunLookups(Minute));
            Assert.Equal((i, 0), (recorder.Ends, world.Node.LookupCount));
        }

        Assert.True(recorder.Statuses[(int)LookupStatus.Cancelled] > 50);
        Assert.Equal(0, world.Queries[(int)KrpcMethod.FindNode]);
        Assert.Equal(200, world.Node.Counters.Lookups);

        // Every place is still there, and only once.
        for (int i = 0; i < new NodeOptions().LookupsMax; i++)
        {
            Start(world, recorder, NodeId.Random(world.Random), LookupKind.FindNode);
        }

        Assert.False(
            world.Node.TryStartLookup(new LookupRequest { Target = world.Neighbours[0].Id }, world.Now, out _));
    }

    [Fact]
    public void TheNodeStops_EveryLookupIsStopped()
    {
        var world = new World(WorldOptions.Crowd with { Seed = 22, SlowShare = 0.5 });
        var recorder = new LookupRecorder();
        recorder.OnEnd = (_, _) => Assert.False(
            world.Node.TryStartLookup(
                new LookupRequest { Target = world.Neighbours[0].Id, Listener = recorder }, world.Now, out _));
        for (int i = 0; i < 30; i++)
        {
            Start(world, recorder, NodeId.Random(world.Random), (LookupKind)(i % 3));
        }

        world.Run(TimeSpan.FromMilliseconds(30));
        world.Node.CloseQueries();
        Assert.Equal((30, 30), (recorder.Ends, recorder.Statuses[(int)LookupStatus.Stopped]));
        Assert.Equal((0, 0), (world.Node.LookupCount, world.Node.OpenQueries));
        world.Run(Minute);
        Assert.Equal(30, recorder.Ends);
        Assert.Null(world.LastFault);
    }

    [Fact]
    public void AListenerThatThrows_IsReportedAndTheLookupGoesOn()
    {
        var world = new World(WorldOptions.Crowd with { Seed = 23 });
        var recorder = new LookupRecorder
        {
            OnPeer = _ => throw new InvalidOperationException("peer"),
            OnEnd = (_, _) => throw new InvalidOperationException("end"),
        };
        for (int i = 1; i <= 50; i++)
        {
            Start(world, recorder, NodeId.Random(world.Random), LookupKind.Announce);
            Assert.True(world.RunLookups(Minute));
            Assert.Equal((i, i), (recorder.Ends, recorder.Statuses[(int)LookupStatus.Finished]));
            Assert.Equal(8, recorder.Report.AnnouncesAccepted);
        }

        Assert.True(world.Node.Counters.Faults > 50);
    }

    [Fact]
    public void EachStartsTheNext_ThousandsInARow()
    {
        const int count = 5000;
        var world =
            new World(WorldOptions.Crowd with
            {
                Seed = 24,
                IPv4Count = 40,
                DeadShare = 0.1,
                DuplicateShare = 0.2,
                SlowShare = 0.05,
            });
        var recorder = new LookupRecorder();
        int started = 0;
        recorder.OnEnd = (_, cookie) =>
        {
            Assert.InRange(cookie, 0, count);
            if (started < count)
            {
                Assert.True(
                    world.Node.TryStartLookup(Request(world, recorder, started), world.Now, out LookupHandle handle));
                Assert.InRange(handle.Slot, 0, 7);
                started++;
            }
        };
        for (int i = 0; i < 8; i++, started++)
        {
            Assert.True(world.Node.TryStartLookup(Request(world, recorder, started), world.Now, out _));
        }

        Assert.True(world.RunLookups(TimeSpan.FromHours(12)));
        Assert.Equal((count, count), (started, recorder.Ends));
        Assert.Null(world.LastFault);
    }

    [Fact]
    public void MoreThanTheMost_AreRefused()
    {
        var world = new World(WorldOptions.Crowd with { Seed = 25, Node = new NodeOptions { LookupsMax = 8 } });
        var recorder = new LookupRecorder();
        for (int i = 0; i < 8; i++)
        {
            Start(world, recorder, NodeId.Random(world.Random), LookupKind.GetPeers);
        }

        Assert.False(world.Node.TryStartLookup(Request(world, recorder, 9), world.Now, out LookupHandle none));
        Assert.Equal(default, none);
        world.Node.CancelLookup(none, world.Now);
        Assert.True(world.RunLookups(Minute));
        Assert.Equal(8, recorder.Ends);
        Assert.True(world.Node.TryStartLookup(Request(world, recorder, 9), world.Now, out _));
    }

    [Fact]
    public void WithNobodyToAsk_NobodyIsKnown()
    {
        var world = new World(WorldOptions.Crowd with { Seed = 26, Known = 0 });
        var recorder = new LookupRecorder();
        LookupReport report = world.Look(recorder, LookupKind.Announce, world.Neighbours[0].Id);
        Assert.Equal((LookupStatus.NobodyKnown, 0), (report.Status, report.Asked));
        Assert.Equal(TimeSpan.Zero, report.Elapsed);
    }

    [Theory]
    [InlineData(LookupKind.FindNode)]
    [InlineData(LookupKind.GetPeers)]
    [InlineData(LookupKind.Announce)]
    public void WhereAllAreDead_NobodyAnswers(LookupKind kind)
    {
        var world = new World(WorldOptions.Crowd with { Seed = 27, DeadShare = 1 });
        LookupReport report = world.Look(new LookupRecorder(), kind, world.Neighbours[0].Id);
        Assert.Equal((LookupStatus.NobodyAnswered, 0), (report.Status, report.Answered));
        Assert.True(report.Asked > 0);
    }

    [Fact]
    public void WhatCouldNotBeSentOnce_IsSentLater_ThoughNothingElseIsUnderWay()
    {
        var world = new World(WorldOptions.Crowd with { Seed = 28, Known = 0, OutboxSize = 1 });
        var recorder = new LookupRecorder();
        world.Node.AddRouter(world.Neighbours[0].Endpoint);
        world.Node.Ping(world.Neighbours[1].Endpoint, world.Now);
        Start(world, recorder, world.Neighbours[2].Id, LookupKind.FindNode);
        world.Node.Tick(world.Now);
        Assert.True(world.RunLookups(Minute), "A lookup whose only query found the outbox full never ended.");
        Assert.Equal(LookupStatus.Finished, recorder.Report.Status);
    }

    [Fact]
    public void ManyLookupsThroughOneRouter_AllEnd()
    {
        var world = new World(WorldOptions.Crowd with { Seed = 29, Known = 0 });
        var recorder = new LookupRecorder();
        world.Node.AddRouter(world.Neighbours[0].Endpoint);
        for (int i = 0; i < 8; i++)
        {
            Start(world, recorder, NodeId.Random(world.Random), LookupKind.FindNode);
        }

        Assert.True(world.RunLookups(Minute), $"{world.Node.LookupCount} lookups never ended.");
        Assert.Equal(8, recorder.Statuses[(int)LookupStatus.Finished]);
    }

    [Fact]
    public void AFullOutboxOfOneFamily_DoesNotKeepTheOtherWaiting()
    {
        var world =
            new World(WorldOptions.Crowd with
            {
                Seed = 30,
                IPv6Count = 200,
                Known = 0,
                Node = new NodeOptions { QueryBurst = 1 },
            });
        world.Node.AddRouter(world.Neighbours[0].Endpoint);
        world.Node.AddRouter(world.Neighbours[200].Endpoint);
        Assert.Equal(AskResult.Sent, world.Node.Ping(world.Neighbours[0].Endpoint, world.Now));
        Start(world, new LookupRecorder(), world.Neighbours[2].Id, LookupKind.FindNode);
        world.Node.Tick(world.Now);
        Assert.Equal(2, world.Node.OpenQueries);
    }

    [Fact]
    public void APolicyThatThrows_EndsNoLookupLess()
    {
        var policy = new ThrowingPolicy();
        var world = new World(WorldOptions.Crowd with { Seed = 31, Policy = policy, DeadShare = 0.2 });
        var recorder = new LookupRecorder();
        policy.Every = 7;
        for (int i = 1; i <= 60; i++)
        {
            Start(world, recorder, NodeId.Random(world.Random), (LookupKind)(i % 3));
            Assert.True(world.RunLookups(Minute), $"lookup {i} never ended.");
            Assert.Equal(i, recorder.Ends);
        }

        Assert.True(world.Node.Counters.Faults > 100);
        Assert.IsType<InvalidOperationException>(world.LastFault);
    }

    private static LookupHandle Start(World world, LookupRecorder recorder, in NodeId target, LookupKind kind)
    {
        Assert.True(world.Node.TryStartLookup(
            new LookupRequest { Kind = kind, Target = target, Listener = recorder },
            world.Now,
            out LookupHandle handle));
        return handle;
    }

    private static LookupRequest Request(World world, LookupRecorder recorder, int number) => new()
    {
        Kind = (LookupKind)(number % 3),
        Target = NodeId.Random(world.Random),
        Listener = recorder,
        Cookie = number,
    };

    private sealed class ThrowingPolicy : IAddressPolicy
    {
        private int _calls;

        public int Every { get; set; } = int.MaxValue;

        public AddressVerdict Check(in Endpoint endpoint) => ++_calls % Every != 0
            ? AddressPolicy.AllowLocal.Check(endpoint)
            : throw new InvalidOperationException("The policy is broken.");
    }
}
