using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

/// <summary>Which nodes an announcement goes to.</summary>
public sealed class NodeAnnouncementTests
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(3, false)]
    [InlineData(8, false)]
    [InlineData(3, true)]
    [InlineData(8, true)]
    public void NodesThatGiveNoToken_TakeNoPlaces(int without, bool isTooLong)
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var world = new World(WorldOptions.Crowd with { Seed = seed, IPv4Count = 30, Known = 300 });
            NodeId target = NodeId.Random(world.Random);
            int[] nearest = new int[16];
            world.Neighbours.Nearest(target, IpFamily.IPv4, liveOnly: true, nearest);
            for (int i = 0; i < without; i++)
            {
                world.Neighbours[nearest[i]].GivesNoToken = !isTooLong;
                world.Neighbours[nearest[i]].HasLongToken = isTooLong;
            }

            var recorder = new LookupRecorder();
            LookupReport report = world.Look(recorder, LookupKind.Announce, target);
            Assert.Equal((8, 8), (report.AnnouncesSent, report.AnnouncesAccepted));
            Assert.Equal(
                nearest[without..(without + 8)].Select(i => world.Neighbours[i].Id.Prefix64).Order(),
                world.Answers.Announcements[..8].Select(static made => made.Neighbour.Id.Prefix64).Order());
        }
    }

    [Fact]
    public void WhereNobodyGivesAToken_NothingIsSent()
    {
        var world = new World(WorldOptions.Crowd with { IPv4Count = 60 });
        foreach (Neighbour neighbour in world.Neighbours)
        {
            neighbour.GivesNoToken = true;
        }

        LookupReport report = world.Look(new LookupRecorder(), LookupKind.Announce, NodeId.Random(world.Random));
        Assert.Equal((LookupStatus.Finished, 0), (report.Status, report.AnnouncesSent));
        Assert.True(report.Answered >= 8);
    }
}
