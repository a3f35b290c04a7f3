using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

/// <summary>A line on which every answer is slow, but in time: what is late is not dead.</summary>
public sealed class NodeLookupLateTests
{
    [Theory]
    [InlineData(0.05, 0)]
    [InlineData(0.9, 0)]
    [InlineData(1.05, 0)]
    [InlineData(1.2, 0)]
    [InlineData(2.0, 0)]
    [InlineData(2.8, 0)]
    [InlineData(0.05, 0.1)]
    [InlineData(1.05, 0.1)]
    [InlineData(1.2, 0.1)]
    [InlineData(2.0, 0.1)]
    [InlineData(2.8, 0.1)]
    public void JoiningAndLookingUp_Work(double roundTrip, double loss)
    {
        int joined = 0;
        int found = 0;
        int announced = 0;
        const int runs = 10;
        for (ulong seed = 1; seed <= runs; seed++)
        {
            World world = Create(roundTrip, loss, seed);
            var recorder = new LookupRecorder();
            joined += world.Look(recorder, LookupKind.Upkeep, world.Node.Id).Status == LookupStatus.Finished ? 1 : 0;
            world.Look(recorder, LookupKind.FindNode, NodeId.Random(world.Random));
            found += recorder.Closest.Length == 8 ? 1 : 0;
            LookupReport report = world.Look(recorder, LookupKind.Announce, NodeId.Random(world.Random));
            announced += report.AnnouncesAccepted >= (loss > 0 ? 6 : 8) ? 1 : 0;
        }

        int enough = loss > 0 ? runs - 1 : runs;
        Assert.True(
            joined >= enough && found >= enough && announced >= enough,
            $"of {runs} runs {joined} joined, {found} found eight, {announced} announced");
    }

    [Theory]
    [InlineData(1.05)]
    [InlineData(1.2)]
    [InlineData(2.8)]
    public void TheFirstLookupThroughOneBootstrapNode_FindsTheTrueEight(double roundTrip)
    {
        World world = Create(roundTrip, 0, 1);
        NodeId target = NodeId.Random(world.Random);
        int[] nearest = new int[8];
        world.Neighbours.Nearest(target, IpFamily.IPv4, liveOnly: true, nearest);
        var recorder = new LookupRecorder();
        world.Look(recorder, LookupKind.FindNode, target);
        Assert.Equal(nearest.Select(i => world.Neighbours[i].Contact), recorder.Closest.ToArray());
    }

    [Theory]
    [InlineData(0.05, 20)]
    [InlineData(1.2, 20)]
    [InlineData(2.8, 8)]
    public void ANode_FillsItsTable(double roundTrip, int contacts)
    {
        World world = Create(roundTrip, 0, 1, keepsUpkeep: true);
        world.Run(TimeSpan.FromSeconds(30));
        Assert.True(world.Node.ContactCount >= contacts, $"{world.Node.ContactCount} contacts after 30 s");
    }

    [Theory]
    [InlineData(LookupKind.Upkeep)]
    [InlineData(LookupKind.FindNode)]
    [InlineData(LookupKind.GetPeers)]
    public void NobodyAnswered_IsNotSaidWhileAQueryIsOpen(LookupKind kind)
    {
        World world = Create(1, 0, 1);
        world.Neighbours.SetAllDead(true);
        int open = -1;
        var recorder = new LookupRecorder { OnEnd = (_, _) => open = world.Node.OpenQueries };
        LookupReport report = world.Look(recorder, kind, world.Node.Id);
        Assert.Equal((LookupStatus.NobodyAnswered, 0), (report.Status, open));

        // It was asked more than once, at growing intervals, and not for ever.
        List<TimeSpan> asked = [.. world.SentAt.Select(at => at - world.SentAt[0])];
        Assert.InRange(asked.Count, 3, 4);
        Assert.InRange(report.Elapsed, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(12));
        for (int i = 2; i < asked.Count; i++)
        {
            Assert.True(asked[i] - asked[i - 1] > asked[i - 1] - asked[i - 2], string.Join(" ", asked));
        }
    }

    private static World Create(double roundTrip, double loss, ulong seed, bool keepsUpkeep = false)
    {
        var world = new World(WorldOptions.Crowd with
        {
            Seed = seed,
            IPv4Count = 40,
            Known = 0,
            RoundTrip = TimeSpan.FromSeconds(roundTrip),
            Loss = loss,
            KeepsUpkeep = keepsUpkeep,
            Records = true,
        });
        world.Node.AddBootstrap(world.Neighbours[0].Endpoint);
        return world;
    }
}
