using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

/// <summary>An owner of many addresses puts nodes beside a target: how many of the eight places it wins.</summary>
public sealed class NodeLookupShareTests
{
    [Theory]
    [InlineData("one /24", 2)]
    [InlineData("one /56", 2)]
    [InlineData("one /48", 3)]
    [InlineData("one /32", 4)]
    public void AnOwner_WinsItsShareAndNoMore(string owned, int places)
    {
        IpFamily family = owned.EndsWith("/24", StringComparison.Ordinal) ? IpFamily.IPv4 : IpFamily.IPv6;
        var world = new World(WorldOptions.Crowd with
        {
            IPv4Count = family == IpFamily.IPv4 ? 200 : 0,
            IPv6Count = family == IpFamily.IPv6 ? 200 : 0,
        });
        NodeId target = NodeId.Random(world.Random);
        for (int i = 0; i < 32; i++)
        {
            world.Neighbours.Add(Sybil(owned, i), target.RandomWithCommonPrefix(40, world.Random));
        }

        var recorder = new LookupRecorder();
        LookupReport report = world.Look(recorder, LookupKind.Announce, target);
        int won = 0;
        foreach (CompactNode node in recorder.Closest)
        {
            won += node.Id.CommonPrefixLength(target) >= 40 ? 1 : 0;
        }

        Assert.Equal((8, places), (recorder.Closest.Length, won));
        Assert.Equal(8, report.AnnouncesAccepted);
    }

    private static Endpoint Sybil(string owned, int number)
    {
        ulong bits = (ulong)number;
        return owned switch
        {
            "one /24" => Endpoint.FromIPv4(0x5501_0100 + (uint)number + 1, 1),
            "one /56" => Endpoint.FromIPv6(0x2A11_0001_0001_0000 + bits, 1, 1),
            "one /48" => Endpoint.FromIPv6(0x2A11_0001_0001_0000 + (bits << 8), 1, 1),
            _ => Endpoint.FromIPv6(0x2A11_0001_0000_0000 + (bits << 16), 1, 1),
        };
    }
}
