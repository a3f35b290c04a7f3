using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// All addresses of a network forged, or of many networks: what is sent then, and who is still answered.
/// </summary>
public sealed class AnswerBudgetTests
{
    private const int Seconds = 20;

    private static readonly byte[] FindNode = Query("find_node", $"6:target20:{IdB}");

    public static TheoryData<IpFamily> Kinds => [IpFamily.IPv4, IpFamily.IPv6];

    /// <summary>Every address of a /24 (sites of a /48), each within its own limit, 4,000 packets a second.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void OneNetworkForged_GetsItsBudget(IpFamily family)
    {
        NodeHarness node = FullNode(new NodeOptions());
        long bytes = Flood(node, 4, i => Of(family, 0, i), out _);
        Assert.InRange(bytes, 32_768 * (Seconds - 2), 32_768 * (Seconds + 4));
        Assert.True(node.Counters.Throttled > 0);
    }

    /// <summary>Every address of a /16 (a /32), 60,000 packets a second.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void ManyNetworksForged_GetNoMoreThanTheBudgetOfAll(IpFamily family)
    {
        NodeHarness node = FullNode(new NodeOptions());
        long bytes = Flood(node, 60, i => Of(family, i, i >> 8), out _);
        Assert.InRange(bytes, 4_194_304L * (Seconds - 8), 4_194_304L * (Seconds + 1));
    }

    /// <summary>
    /// Meanwhile a contact of ours, and who has shown a token, is answered every time: within the networks that are
    /// forged, too.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void WhoHasProvedItself_IsAnsweredAmongThem(IpFamily family)
    {
        NodeHarness node = FullNode(new NodeOptions());
        Endpoint contact = Of(family, 3, 77);
        node.Introduce(node.Node.IdOf(family).RandomWithCommonPrefix(5, new SeededRandomSource(3)), contact);
        Endpoint holder = Of(family, 4, 78);
        string reply = node.Ask(Query("get_peers", $"9:info_hash20:{IdB}"), holder);
        string token = reply.Substring(reply.IndexOf("5:token8:", StringComparison.Ordinal) + 9, 8);
        Assert.EndsWith(
            "1:y1:re",
            node.Ask(Query("announce_peer", $"9:info_hash20:{IdB}4:porti7e5:token8:{token}"), holder),
            StringComparison.Ordinal);
        Flood(node, 60, i => Of(family, i, i >> 8), out int answered, contact, holder);
        Assert.Equal(2 * Seconds * 5, answered);
    }

    /// <summary>
    /// A proof costs one torrent and one round trip. With as many as its addresses, a network still takes no more than
    /// its eighth of what is there, so that strangers are answered.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void OneNetworkFullOfProofs_LeavesRoomForStrangers(IpFamily family)
    {
        var hasher = new EndpointHasher(0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F);
        var budget = new AnswerBudget(new NodeOptions(), 4_096, hasher);
        Instant now = Instant.Zero + TimeSpan.FromHours(1);
        for (int i = 0; i < 250; i++)
        {
            budget.NoteProof(Of(family, 0, i), now);
        }

        int strangers = 0;
        for (int step = 0; step < 1_000; step++)
        {
            // Twice what may leave in all, and one stranger of another network.
            now += TimeSpan.FromMilliseconds(10);
            for (int i = 0; i < 84; i++)
            {
                Spend(Of(family, 0, i));
            }

            strangers += Spend(Of(family, 1 + (step % 200), 1)) ? 1 : 0;
        }

        Assert.Equal(1_000, strangers);

        bool Spend(Endpoint asker)
        {
            bool hasRoom = budget.HasRoom(asker, now, out AnswerCharge charge);
            if (hasRoom)
            {
                budget.Charge(charge, 1_000, now);
            }

            return hasRoom;
        }
    }

    /// <summary>The proofs of 65,536 sites of one /48 make those of nobody else forgotten.</summary>
    [Fact]
    public void ManyProofsOfOneNetwork_AreOne()
    {
        var hasher = new EndpointHasher(0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F);
        var budget = new AnswerBudget(new NodeOptions(), 4_096, hasher);
        Instant now = Instant.Zero + TimeSpan.FromHours(1);
        for (int i = 0; i < 100; i++)
        {
            budget.NoteProof(Of(IpFamily.IPv6, 1 + i, 1), now);
        }

        for (ulong i = 0; i < 65_536; i++)
        {
            budget.NoteProof(Endpoint.FromIPv6(0x2A0B_1234_0000_0000ul | i, 1, 1), now);
        }

        Exhaust();
        Assert.Equal(
            100, Enumerable.Range(0, 100).Count(i => budget.HasRoom(Of(IpFamily.IPv6, 1 + i, 1), now, out _)));
        Assert.False(budget.HasRoom(Of(IpFamily.IPv6, 500, 1), now, out _));

        // As many strangers' networks as it takes to leave only the reserve.
        void Exhaust()
        {
            ulong network = 0x2A0E_0000_0000_0000;
            while (budget.HasRoom(Endpoint.FromIPv6(network += 1ul << 16, 1, 1), now, out AnswerCharge charge))
            {
                budget.Charge(charge, 30_000, now);
            }
        }
    }

    [Theory]
    [InlineData(0, 4_194_304, 32_768)]
    [InlineData(20, 0, 0)]
    public void WithoutLimits_AllAreAnswered(double perAddress, double all, double perNetwork)
    {
        NodeHarness node = FullNode(new NodeOptions
        {
            AnswersPerSecondPerAddress = perAddress,
            AnswerBytesPerSecond = all,
            AnswerBytesPerSecondPerNetwork = perNetwork,
        });
        Flood(node, 60, i => Of(IpFamily.IPv4, i, i >> 8), out _);
        Assert.Equal(0, node.Counters.Throttled);
    }

    /// <summary>A load test of one machine, from all of its loopback addresses.</summary>
    [Fact]
    public void Loopback_HasNoBudget()
    {
        NodeHarness node = FullNode(new NodeOptions());
        Flood(node, 60, static i => Endpoint.FromIPv4(0x7F00_0001 + (uint)(i % 60_000), 6881), out _);
        Assert.Equal(0, node.Counters.Throttled);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void ABudgetThatIsNone_IsRefused(double rate)
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new NodeHarness(new NodeOptions { AnswerBytesPerSecond = rate }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new NodeHarness(new NodeOptions { AnswerBytesPerSecondPerNetwork = rate }));
    }

    /// <summary>Bytes that were sent in all.</summary>
    private static long Flood(
        NodeHarness node, int perMillisecond, Func<int, Endpoint> forged, out int answered, params Endpoint[] askers)
    {
        long bytes = 0;
        answered = 0;
        int number = 0;
        for (int at = 0; at < Seconds * 1_000; at++)
        {
            node.Advance(TimeSpan.FromMilliseconds(1));
            node.Outbox.Clear();
            for (int i = 0; i < perMillisecond; i++)
            {
                node.Receive(FindNode, forged(number++));
            }

            bytes += Bytes(node);
            foreach (Endpoint asker in at % 200 == 0 ? askers : [])
            {
                node.Receive(FindNode, asker);
                answered += Bytes(node) > 0 ? 1 : 0;
            }
        }

        return bytes;
    }

    private static int Bytes(NodeHarness node)
    {
        int bytes = 0;
        for (int i = 0; i < node.Outbox.Count; i++)
        {
            bytes += node.Outbox.Datagram(i).Length;
        }

        node.Outbox.Clear();
        return bytes;
    }

    private static Endpoint Of(IpFamily family, int network, int host) => family == IpFamily.IPv4
        ? Endpoint.FromIPv4(0x0909_0000 + (((uint)network & 0xFF) << 8) + ((uint)host & 0xFF), 6881)
        : Endpoint.FromIPv6(
            0x2A0F_FFFF_0000_0000 + (((ulong)network & 0xFF) << 16) + ((ulong)host & 0xFF), 1, 6881);

    /// <summary>A node that names eight contacts in each answer, and does nothing by itself.</summary>
    private static NodeHarness FullNode(NodeOptions options)
    {
        var node = new NodeHarness(options);
        foreach (NodeTask task in node.Node.Extensions.Tasks.All)
        {
            task.Remove();
        }

        var random = new SeededRandomSource(5);
        for (int i = 0; i < 200; i++)
        {
            node.Node.Table(IpFamily.IPv4).Insert(
                NodeId.Random(random), TestEndpoints.Public(IpFamily.IPv4, i), node.Now);
            node.Node.Table(IpFamily.IPv6).Insert(
                NodeId.Random(random), TestEndpoints.Public(IpFamily.IPv6, i), node.Now);
        }

        return node;
    }
}
