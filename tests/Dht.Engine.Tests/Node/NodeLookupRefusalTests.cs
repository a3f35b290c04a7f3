using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Node;

/// <summary>A node that refuses lives: it is asked again a little later, and not for ever.</summary>
public sealed class NodeLookupRefusalTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(LookupKind.FindNode, 201, 1)]
    [InlineData(LookupKind.FindNode, 202, 2)]
    [InlineData(LookupKind.FindNode, 0, 1)]
    [InlineData(LookupKind.GetPeers, 201, 1)]
    [InlineData(LookupKind.GetPeers, 0, 2)]
    [InlineData(LookupKind.Announce, 201, 1)]
    [InlineData(LookupKind.Announce, 202, 1)]
    public void TheNearestRefuseAtFirst_AndAreFound(LookupKind kind, int code, int refusals)
    {
        World world = Create(30);
        NodeId target = EvenTarget(world);
        int[] nearest = Nearest(world, target, 8);
        for (int i = 0; i < 3; i++)
        {
            world.Neighbours[nearest[i]].RefusalsLeft = refusals;
            world.Neighbours[nearest[i]].ErrorCode = code;
        }

        var recorder = new LookupRecorder();
        LookupReport report = world.Look(recorder, kind, target, 6881);
        Assert.Equal(
            nearest.Select(i => world.Neighbours[i].Contact), recorder.Closest.ToArray());
        for (int i = 0; i < 3; i++)
        {
            List<Instant> asked = [.. world.Neighbours[nearest[i]].AskedAt];
            asked.RemoveRange(refusals + 1, asked.Count - refusals - 1);
            Assert.All(Pauses(asked), static pause => Assert.True(pause >= Second, $"asked again after {pause}"));
        }

        if (kind != LookupKind.FindNode)
        {
            int named = nearest.Count(static number => number % 2 == 0);
            Assert.True(report.Peers >= named && named > 0, $"{report.Peers} of {named}");
        }

        if (kind == LookupKind.Announce)
        {
            Assert.Equal((8, 8), (report.AnnouncesSent, report.AnnouncesAccepted));
        }
    }

    [Theory]
    [InlineData(201, 3)]
    [InlineData(202, 3)]
    [InlineData(0, 3)]
    [InlineData(203, 1)]
    [InlineData(204, 1)]
    public void ThoseThatRefuseForever_AreAskedSoOften_AndTheNextTakeTheirPlaces(int code, int queries)
    {
        World world = Create(30);
        NodeId target = NodeId.Random(world.Random);
        int[] nearest = Nearest(world, target, 11);
        for (int i = 0; i < 3; i++)
        {
            world.Neighbours[nearest[i]].RefusalsLeft = int.MaxValue;
            world.Neighbours[nearest[i]].ErrorCode = code;
        }

        var recorder = new LookupRecorder();
        LookupReport report = world.Look(recorder, LookupKind.GetPeers, target);
        Assert.Equal(LookupStatus.Finished, report.Status);
        Assert.Equal(nearest[3..].Select(i => world.Neighbours[i].Contact), recorder.Closest.ToArray());
        Assert.InRange(report.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(4));
        for (int i = 0; i < 3; i++)
        {
            int asked = world.Sent.Count(sent => sent.To == world.Neighbours[nearest[i]].Endpoint
                && MethodOf(sent.Datagram) == KrpcMethod.GetPeers);
            Assert.Equal(queries, asked);
        }
    }

    [Theory]
    [InlineData(201)]
    [InlineData(202)]
    [InlineData(0)]
    public void ARefusedAnnouncement_IsMadeAgain(int code)
    {
        World world = Create(30);
        NodeId target = NodeId.Random(world.Random);
        int[] nearest = Nearest(world, target, 8);
        world.Neighbours[nearest[0]].AnnouncementRefusalsLeft = 1;
        world.Neighbours[nearest[0]].ErrorCode = code;
        world.Neighbours[nearest[1]].AnnouncementRefusalsLeft = 2;
        world.Neighbours[nearest[1]].ErrorCode = code;
        LookupReport report = world.Look(new LookupRecorder(), LookupKind.Announce, target);
        Assert.Equal((8, 8), (report.AnnouncesSent, report.AnnouncesAccepted));
        Assert.All(
            Pauses([.. world.Neighbours[nearest[1]].AskedAt.Skip(1)]), static pause => Assert.True(pause >= Second));
    }

    [Fact]
    public void ATokenThatIsNoLongerGood_IsReplacedOnce()
    {
        World world = Create(30);
        NodeId target = NodeId.Random(world.Random);
        int[] nearest = Nearest(world, target, 8);
        world.Neighbours[nearest[0]].ChangesToken = true;
        world.Neighbours[nearest[1]].Refuses = true;
        LookupReport report = world.Look(new LookupRecorder(), LookupKind.Announce, target);
        Assert.Equal((8, 7), (report.AnnouncesSent, report.AnnouncesAccepted));
        int announced = world.Sent.Count(sent => sent.To == world.Neighbours[nearest[1]].Endpoint
            && MethodOf(sent.Datagram) == KrpcMethod.AnnouncePeer);
        Assert.Equal(2, announced);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void JoiningThroughOneThatWantsAPause(bool isRouter)
    {
        var world = new World(
            WorldOptions.Crowd with { IPv4Count = 30, Known = 0, KeepsUpkeep = true, Records = true });
        Neighbour entry = world.Neighbours[4];
        entry.Pause = Second;
        _ = isRouter ? world.Node.AddRouter(entry.Endpoint) : world.Node.AddBootstrap(entry.Endpoint);
        var recorder = new LookupRecorder();
        world.Node.TryStartLookup(
            new LookupRequest { Kind = LookupKind.Upkeep, Target = world.Node.Id, Listener = recorder },
            world.Now,
            out _);
        world.Network.RunUntil(() => recorder.Ends > 0, TimeSpan.FromSeconds(20));
        Assert.Equal(LookupStatus.Finished, recorder.Report.Status);
        Assert.InRange(recorder.Report.Elapsed, Second, TimeSpan.FromSeconds(3));
        List<Instant> before = entry.AskedAt.FindAll(asked => asked <= entry.AskedAt[0] + (Second + Second));
        Assert.True(
            before.Count is 2 or 3, string.Join(" ", entry.AskedAt.Select(asked => asked - entry.AskedAt[0])));
        Assert.All(Pauses(before[..2]), static pause => Assert.True(pause >= Second, $"asked again after {pause}"));
    }

    [Fact]
    public void AContactThatRefusesNowAndThen_StaysInTheTable_OneThatOnlyRefusesLeaves()
    {
        World world = Create(3);
        Neighbour busy = world.Neighbours[0];
        Neighbour broken = world.Neighbours[1];
        Assert.Equal(3, world.Node.ContactCount);
        NodeId target = busy.Id.WithFlippedBit(150);
        for (int i = 0; i < 6; i++)
        {
            busy.RefusalsLeft = 1;
            broken.RefusalsLeft = int.MaxValue;
            world.Look(new LookupRecorder(), LookupKind.FindNode, target);
            Assert.True(world.Node.Table(IpFamily.IPv4).Count >= (i == 0 ? 3 : 2), $"lookup {i}");
            world.Run(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(2, world.Node.ContactCount);
        Assert.False(world.Node.Table(IpFamily.IPv4).Wants(busy.Id, busy.Endpoint), "One that answers was lost.");
    }

    private static World Create(int neighbours) =>
        new(WorldOptions.Crowd with { IPv4Count = neighbours, Known = 10 * neighbours, Records = true });

    private static NodeId EvenTarget(World world)
    {
        NodeId target = NodeId.Random(world.Random);
        return (target.Prefix64 & 1) == 0 ? target : target.WithFlippedBit(63);
    }

    private static int[] Nearest(World world, in NodeId target, int count)
    {
        int[] nearest = new int[count];
        world.Neighbours.Nearest(target, IpFamily.IPv4, liveOnly: true, nearest);
        return nearest;
    }

    private static IEnumerable<TimeSpan> Pauses(List<Instant> times) =>
        times.Zip(times.Skip(1), static (earlier, later) => later - earlier);

    private static KrpcMethod MethodOf(byte[] datagram)
    {
        KrpcMessage.Parse(datagram, out KrpcMessage message);
        return message.Kind == KrpcKind.Query ? message.Method : KrpcMethod.Other;
    }
}
