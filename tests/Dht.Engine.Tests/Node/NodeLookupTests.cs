using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

public sealed class NodeLookupTests
{
    private const int Targets = 200;

    [Theory]
    [InlineData(1000, 0, 1)]
    [InlineData(0, 1000, 2)]
    [InlineData(1000, 1000, 3)]
    public void WithThirtyPercentDead_TheTrueEightClosestThatLiveAreFound(int ipv4, int ipv6, int seed)
    {
        var world = new World(WorldOptions.Crowd with
        {
            Seed = (ulong)seed,
            IPv4Count = ipv4,
            IPv6Count = ipv6,
            DeadShare = 0.3,
            Known = 200,
            HasTables = true,
        });
        var recorder = new LookupRecorder();
        int found = 0;
        for (int i = 0; i < Targets; i++)
        {
            NodeId target = NodeId.Random(world.Random);
            LookupReport report = world.Look(recorder, LookupKind.FindNode, target);
            Assert.Equal(LookupStatus.Finished, report.Status);
            Assert.Equal(target, report.Target);
            found += IsTruth(world, target, recorder.Closest) ? 1 : 0;
        }

        Assert.True(found >= Targets * 99 / 100, $"seed {seed}: {found} of {Targets} lookups found the true eight.");
    }

    [Theory]
    [InlineData(500, 0, 4)]
    [InlineData(0, 500, 5)]
    [InlineData(500, 500, 6)]
    public void WithoutDeadContacts_NoProbeIsSent(int ipv4, int ipv6, int seed)
    {
        var world = new World(WorldOptions.Crowd with { Seed = (ulong)seed, IPv4Count = ipv4, IPv6Count = ipv6 });
        var recorder = new LookupRecorder();
        for (int i = 0; i < 50; i++)
        {
            NodeId target = NodeId.Random(world.Random);
            int getPeersBefore = world.Queries[(int)KrpcMethod.GetPeers];
            LookupReport report = world.Look(recorder, LookupKind.GetPeers, target);
            Assert.True(IsTruth(world, target, recorder.Closest), $"seed {seed}, target {i}");
            Assert.Equal(report.Asked, world.Queries[(int)KrpcMethod.GetPeers] - getPeersBefore);
        }

        Assert.Equal(0, world.Queries[(int)KrpcMethod.FindNode]);
    }

    [Fact]
    public void WithDeadContacts_ProbesAreSentAndCounted()
    {
        var world = new World(WorldOptions.Crowd with { Seed = 7, DeadShare = 0.5 });
        LookupReport report = world.Look(new LookupRecorder(), LookupKind.GetPeers, NodeId.Random(world.Random));
        Assert.InRange(world.Queries[(int)KrpcMethod.FindNode], 1, 64);
        Assert.Equal(report.Asked, world.Queries[(int)KrpcMethod.FindNode] + world.Queries[(int)KrpcMethod.GetPeers]);
    }

    [Theory]
    [InlineData(300, 0)]
    [InlineData(0, 300)]
    [InlineData(300, 300)]
    public void GetPeers_HandsEveryPeerOn(int ipv4, int ipv6)
    {
        var world = new World(
            WorldOptions.Crowd with { Seed = 8, IPv4Count = ipv4, IPv6Count = ipv6, DeadShare = 0.2 });
        var recorder = new LookupRecorder();
        int torrents = 0;
        for (int i = 0; i < 50; i++)
        {
            int named = world.PeersNamed;
            int told = recorder.Peers;
            NodeId target = NodeId.Random(world.Random);
            LookupReport report = world.Look(recorder, LookupKind.GetPeers, target);
            Assert.Equal(world.PeersNamed - named, report.Peers);
            Assert.Equal(report.Peers, recorder.Peers - told);
            Assert.Equal(7, recorder.Cookie);
            Assert.True(NeighbourAnswers.HasPeers(target) || report.Peers == 0);
            torrents += report.Peers > 0 ? 1 : 0;
            world.Run(TimeSpan.FromSeconds(5));
        }

        Assert.True(torrents > 10);
    }

    [Theory]
    [InlineData(300, 0, 0)]
    [InlineData(300, 0, 6881)]
    [InlineData(0, 300, 6881)]
    [InlineData(300, 300, 51413)]
    public void Announce_GoesToTheNearestWithTheirOwnTokens(int ipv4, int ipv6, int port)
    {
        var world = new World(
            WorldOptions.Crowd with { Seed = 9, IPv4Count = ipv4, IPv6Count = ipv6, DeadShare = 0.3 });
        var recorder = new LookupRecorder();
        for (int i = 0; i < 50; i++)
        {
            world.Answers.AnnouncementCount = 0;
            NodeId target = NodeId.Random(world.Random);
            LookupReport report = world.Look(recorder, LookupKind.Announce, target, (ushort)port);
            int expected = recorder.Closest.Length;
            Assert.Equal((ipv4 > 0 ? 8 : 0) + (ipv6 > 0 ? 8 : 0), expected);
            Assert.Equal((expected, expected), (report.AnnouncesSent, report.AnnouncesAccepted));
            Assert.Equal((expected, 0), (world.Answers.AnnouncementCount, world.Answers.BadTokens));
            for (int k = 0; k < expected; k++)
            {
                Announcement announced = world.Answers.Announcements[k];
                Assert.Equal(target, announced.InfoHash.AsNodeId);
                Assert.Equal(port == 0, announced.IsImplied);
                Assert.Equal(port == 0 ? 1 : port, announced.Port);
                Assert.True(
                    Contains(recorder.Closest, announced.Neighbour.Endpoint), $"announcement {k} of lookup {i}");
            }
        }
    }

    [Fact]
    public void ARefusedAnnouncement_IsNotCountedAsAccepted()
    {
        var world = new World(WorldOptions.Crowd with { Seed = 10 });
        NodeId target = NodeId.Random(world.Random);
        int[] nearest = new int[8];
        world.Neighbours.Nearest(target, IpFamily.IPv4, liveOnly: true, nearest);
        world.Neighbours[nearest[0]].Refuses = world.Neighbours[nearest[5]].Refuses = true;
        LookupReport report = world.Look(new LookupRecorder(), LookupKind.Announce, target);
        Assert.Equal((8, 6), (report.AnnouncesSent, report.AnnouncesAccepted));
    }

    [Fact]
    public void ANodeWhoseTokenIsTooLong_IsPassedOver()
    {
        var world = new World(WorldOptions.Crowd with { Seed = 11 });
        NodeId target = NodeId.Random(world.Random);
        int[] nearest = new int[8];
        world.Neighbours.Nearest(target, IpFamily.IPv4, liveOnly: true, nearest);
        world.Neighbours[nearest[2]].HasLongToken = world.Neighbours[nearest[7]].HasLongToken = true;
        var recorder = new LookupRecorder();
        LookupReport report = world.Look(recorder, LookupKind.Announce, target);
        Assert.Equal(8, recorder.Closest.Length);
        Assert.False(Contains(recorder.Closest, world.Neighbours[nearest[2]].Endpoint));
        Assert.Equal((8, 8, 0), (report.AnnouncesSent, report.AnnouncesAccepted, world.Answers.BadTokens));
    }

    [Fact]
    public void UnderEnforcement_AnIdThatDoesNotFit_IsNeverAmongTheClosest()
    {
        var world = new World(WorldOptions.Crowd with
        {
            Seed = 12,
            HasSecureIds = true,
            Node = new NodeOptions { EnforceSecureIds = true },
        });
        NodeId target = NodeId.Random(world.Random);
        int[] nearest = new int[3];
        world.Neighbours.Nearest(target, IpFamily.IPv4, liveOnly: true, nearest);
        world.Neighbours[nearest[0]].AnsweringId = target.RandomWithCommonPrefix(100, world.Random);
        var recorder = new LookupRecorder();
        world.Look(recorder, LookupKind.Announce, target);
        Assert.Equal(8, recorder.Closest.Length);
        Assert.False(
            Contains(recorder.Closest, world.Neighbours[nearest[0]].Endpoint), "A liar about its id was taken.");
        Assert.True(Contains(recorder.Closest, world.Neighbours[nearest[1]].Endpoint));
        Assert.Equal(8, world.Answers.AnnouncementCount);
    }

    [Fact]
    public void UnderEnforcement_ABootstrapNodeThatDoesNotFit_StillNamesOthers()
    {
        var world = new World(WorldOptions.Crowd with
        {
            Seed = 13,
            HasSecureIds = true,
            Known = 0,
            Node = new NodeOptions { EnforceSecureIds = true },
        });
        world.Neighbours[5].AnsweringId = NodeId.Random(world.Random);
        world.Node.AddBootstrap(world.Neighbours[5].Endpoint);
        NodeId target = NodeId.Random(world.Random);
        var recorder = new LookupRecorder();
        world.Look(recorder, LookupKind.FindNode, target);
        world.Neighbours[5].Id = default;
        Assert.Equal(8, recorder.Closest.Length);
        Assert.False(Contains(recorder.Closest, world.Neighbours[5].Endpoint));
    }

    private static bool IsTruth(World world, in NodeId target, ReadOnlySpan<CompactNode> closest)
    {
        Span<int> nearest = stackalloc int[16];
        int count = world.Neighbours.Nearest(target, IpFamily.IPv4, liveOnly: true, nearest[..8]);
        count += world.Neighbours.Nearest(target, IpFamily.IPv6, liveOnly: true, nearest.Slice(count, 8));
        bool isTruth = closest.Length == count;
        for (int i = 0; isTruth && i < count; i++)
        {
            isTruth = closest[i] == world.Neighbours[nearest[i]].Contact;
        }

        return isTruth;
    }

    private static bool Contains(ReadOnlySpan<CompactNode> closest, in Endpoint endpoint)
    {
        foreach (CompactNode node in closest)
        {
            if (node.Endpoint == endpoint)
            {
                return true;
            }
        }

        return false;
    }
}
