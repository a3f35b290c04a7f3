using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

/// <summary>What the figures of a report count.</summary>
public sealed class LookupReportTests
{
    [Fact]
    public void PeersAreThoseThatMayBeHandedOut_AndBogonsTheRest()
    {
        var world = new World(WorldOptions.Crowd with { IPv4Count = 2, Known = 20, Policy = AddressPolicy.Public });
        Endpoint[] peers =
        [
            Endpoint.Parse("5.5.5.5:1"), Endpoint.Parse("5.5.5.5:6881"), Endpoint.Parse("5.5.5.5:6881"),
            Endpoint.FromIPv4(0x06060606, 0), Endpoint.Parse("10.0.0.1:6881"), Endpoint.Parse("224.0.0.1:6881"),
        ];
        string named = string.Concat(peers.Select(static peer => Wire.Str(WireText.Of(peer))));
        string values = $"5:token2:tt6:valuesl{named}e";
        var bogon = new CompactNode(NodeId.Random(world.Random), Endpoint.Parse("192.168.1.1:6881"));
        world.Answers.Script = (from, transaction) => NodeHarness.Pong(
            transaction,
            WireText.Of(world.Neighbours.First(neighbour => neighbour.Endpoint == from).Id),
            "5:nodes" + Wire.Str(WireText.Of(bogon)) + values);
        var recorder = new LookupRecorder { AnyPeer = true };
        LookupReport report = world.Look(recorder, LookupKind.GetPeers, NodeId.Random(world.Random));
        Assert.Equal((2, 2), (report.Asked, report.Answered));
        Assert.Equal((6, 2), (report.Peers, report.DistinctPeers));
        Assert.Equal(2 * (1 + 3), report.Bogons);
    }

    [Fact]
    public void RefusalsAreCounted_WithTheLastCode()
    {
        var world = new World(WorldOptions.Crowd with { IPv4Count = 1, Known = 0 });
        world.Neighbours[0].RefusalsLeft = int.MaxValue;
        world.Neighbours[0].ErrorCode = 202;
        world.Node.AddBootstrap(world.Neighbours[0].Endpoint);
        LookupReport report = world.Look(new LookupRecorder(), LookupKind.Upkeep, world.Node.Id);
        Assert.Equal(LookupStatus.NobodyAnswered, report.Status);
        Assert.Equal((3, 0, 3, 202), (report.Asked, report.Answered, report.Refusals, report.LastErrorCode));
    }

    [Theory]
    [InlineData(LookupKind.FindNode)]
    [InlineData(LookupKind.Announce)]
    public void WhatTheSystemDoesNotSend_IsNobodysSilence_AndSentALittleLater(LookupKind kind)
    {
        var world = new World(WorldOptions.Crowd with { IPv4Count = 30, Known = 300 });
        NodeId target = NodeId.Random(world.Random);
        int[] nearest = new int[8];
        world.Neighbours.Nearest(target, IpFamily.IPv4, liveOnly: true, nearest);
        int known = world.Node.ContactCount;
        world.Self.SendsPerSecond = 0;
        var recorder = new LookupRecorder();
        world.Node.TryStartLookup(
            new LookupRequest { Kind = kind, Target = target, Listener = recorder }, world.Now, out _);
        world.Run(TimeSpan.FromSeconds(0.5));
        world.Self.SendsPerSecond = null;
        Assert.True(world.RunLookups(TimeSpan.FromSeconds(10)));
        LookupReport report = recorder.Report;
        Assert.Equal(nearest.Select(i => world.Neighbours[i].Contact), recorder.Closest.ToArray());
        Assert.True(report is { Status: LookupStatus.Finished, NotSent: > 0 }, report.ToString());
        Assert.Equal(kind == LookupKind.Announce ? 8 : 0, report.AnnouncesAccepted);
        Assert.True(world.Node.ContactCount >= known, "A contact that was not asked was lost.");
    }
}
