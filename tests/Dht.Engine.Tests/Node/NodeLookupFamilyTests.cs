using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Node;

/// <summary>No family waits for the other.</summary>
public sealed class NodeLookupFamilyTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.3);

    [Theory]
    [InlineData(LookupKind.FindNode)]
    [InlineData(LookupKind.GetPeers)]
    [InlineData(LookupKind.Announce)]
    public void WhereAllOfIPv6AreDead_IPv4IsAsEarlyAsAlone(LookupKind kind)
    {
        (LookupReport alone, TimeSpan announcedAlone) = Look(kind, 0);
        (LookupReport beside, TimeSpan announcedBeside) = Look(kind, 200);
        Assert.Equal(LookupStatus.Finished, beside.Status);
        Assert.True(beside.Elapsed <= alone.Elapsed + Grace + Grace, $"{alone.Elapsed} and {beside.Elapsed}");
        Assert.True(announcedBeside <= announcedAlone + Grace, $"{announcedAlone} and {announcedBeside}");
        Assert.Equal(alone.AnnouncesAccepted, beside.AnnouncesAccepted);
    }

    [Fact]
    public void AFamilyThatAnswersSlowly_IsWaitedFor()
    {
        World world = Create(100, 100);
        NodeId target = NodeId.Random(world.Random);
        foreach (Neighbour neighbour in world.Neighbours.Where(static neighbour => neighbour.Family == IpFamily.IPv6))
        {
            neighbour.Delay = TimeSpan.FromSeconds(0.25);
        }

        var recorder = new LookupRecorder();
        LookupReport report = world.Look(recorder, LookupKind.Announce, target);
        Assert.Equal((16, 16, 16), (recorder.Closest.Length, report.AnnouncesSent, report.AnnouncesAccepted));
    }

    [Fact]
    public void AFamilyOfWhichOnlyTheOtherKnows_IsSearched()
    {
        var world = new World(WorldOptions.Crowd with { IPv4Count = 100, IPv6Count = 100, Known = 0 });
        world.Node.AddBootstrap(world.Neighbours[0].Endpoint);
        var recorder = new LookupRecorder();
        world.Look(recorder, LookupKind.FindNode, NodeId.Random(world.Random));
        Assert.Equal(16, recorder.Closest.Length);
    }

    private static (LookupReport Report, TimeSpan Announced) Look(LookupKind kind, int deadIPv6)
    {
        World world = Create(200, deadIPv6);
        foreach (Neighbour neighbour in world.Neighbours.Where(static neighbour => neighbour.Family == IpFamily.IPv6))
        {
            neighbour.IsDead = true;
        }

        Instant startedAt = world.Now;
        NodeId target = NodeId.Parse("0123456789abcdef0123456789abcdef01234566");
        LookupReport report = world.Look(new LookupRecorder(), kind, target);
        int last = world.Sent.FindLastIndex(static sent => !sent.To.IsIPv6 && IsAnnouncement(sent.Datagram));
        return (report, last < 0 ? TimeSpan.Zero : world.SentAt[last] - startedAt);
    }

    private static bool IsAnnouncement(byte[] datagram)
    {
        KrpcMessage.Parse(datagram, out KrpcMessage message);
        return message.Kind == KrpcKind.Query && message.Method == KrpcMethod.AnnouncePeer;
    }

    private static World Create(int ipv4, int ipv6) => new(WorldOptions.Crowd with
    {
        IPv4Count = ipv4,
        IPv6Count = ipv6,
        Families = IpFamily.Both,
        Records = true,
        RoundTrip = TimeSpan.FromMilliseconds(50),
    });
}
