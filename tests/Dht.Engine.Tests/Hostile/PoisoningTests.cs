using System.Globalization;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Support;
using Xunit.Abstractions;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// How much of a table, of what it hands out, and of a lookup's results an attacker wins that has few addresses and
/// many ids. The honest are a thousand nodes in as many networks; the liars come after them, each with whatever id
/// serves best.
/// </summary>
public sealed class PoisoningTests(ITestOutputHelper output)
{
    private const ulong Seed = 91;
    private const int Honest = 1_000;
    private const int Liars = 254;

    public static TheoryData<IpFamily, RoutingTableKind> Tables => HostileStateTests.Tables;

    public static TheoryData<IpFamily> Kinds => [IpFamily.IPv4, IpFamily.IPv6];

    /// <summary>
    /// All 254 hosts of one network, ids right beside ours: two places at most where all the nearest of ours are.
    /// </summary>
    [Theory]
    [MemberData(nameof(Tables))]
    public void IdsCraftedNextToOurs_FromOneNetwork_WinTwoOfTheNearest(IpFamily family, RoutingTableKind table)
    {
        Shares shares = Poison(family, table, static i => 12 + (i % 148), InOneNetwork);
        Report(family, table, "crafted, one network", shares);
        Assert.InRange(shares.OfNearest, 0, 2);
        Assert.InRange(shares.OfTable, 0, 0.12);
        Assert.InRange(shares.OfRandomAnswers, 0, 0.02);
    }

    /// <summary>
    /// Thirty-two addresses in as many networks win the nearest of ours, and little of the rest.
    /// </summary>
    [Theory]
    [MemberData(nameof(Tables))]
    public void IdsCraftedNextToOurs_FromManyNetworks_WinOnlyWhatIsNearUs(IpFamily family, RoutingTableKind table)
    {
        Shares shares = Poison(
            family,
            table,
            static i => 12 + (i % 148),
            static (family, i) => TestEndpoints.Public(family, 5_000 + (i % 32)));
        Report(family, table, "crafted, 32 networks", shares);
        Assert.InRange(shares.OfTable, 0, 0.4);
        Assert.InRange(shares.OfRandomAnswers, 0, 0.02);
    }

    /// <summary>
    /// With BEP 42 enforced an address has eight ids at most, all of them far from ours but by chance.
    /// </summary>
    [Theory]
    [MemberData(nameof(Tables))]
    public void UnderEnforcement_CraftedIdsWinNothing(IpFamily family, RoutingTableKind table)
    {
        Shares shares = Poison(
            family, table, static i => 12
                + (i % 148), static (family, i) => TestEndpoints.Public(family, 5_000
                    + i), new NodeOptions { EnforceSecureIds = true });
        Report(family, table, "crafted, enforced", shares);
        Assert.Equal((0, 0.0, 0.0), (shares.OfNearest, shares.OfTable, shares.OfRandomAnswers));
    }

    /// <summary>Random ids from one network: at most two in a bucket, so that full buckets have none to give.</summary>
    [Theory]
    [MemberData(nameof(Tables))]
    public void RandomIdsFromOneNetwork_WinLittle(IpFamily family, RoutingTableKind table)
    {
        Shares shares = Poison(family, table, static _ => -1, InOneNetwork);
        Report(family, table, "random, one network", shares);
        Assert.InRange(shares.OfNearest, 0, 4);
        Assert.InRange(shares.OfTable, 0, 0.05);
        Assert.InRange(shares.OfRandomAnswers, 0, 0.05);
    }

    /// <summary>
    /// The same when the liars come first, before anybody honest: full buckets would be theirs if places were not
    /// counted.
    /// </summary>
    [Theory]
    [MemberData(nameof(Tables))]
    public void LiarsThatComeFirst_HoldTheirFewPlacesAndNoMore(IpFamily family, RoutingTableKind table)
    {
        Shares shares = Poison(family, table, static i => i % 160, InOneNetwork, first: true);
        Report(family, table, "first to come, one network", shares);
        Assert.InRange(shares.OfNearest, 0, 2);
        Assert.InRange(shares.OfRandomAnswers, 0, 0.27);
    }

    /// <summary>
    /// A lookup of a target beside which one network has put 254 ids: they win two of the eight results.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void OneNetworkBesideATarget_WinsTwoOfEightResults(IpFamily family)
    {
        (int won, int honest, int asked) = Look(family, Liars, InOneNetwork);
        output.WriteLine(
            $"{family}: {Liars} ids of one network beside the target win {won} of 8 results; {honest} honest; "
            + $"{asked} queries.");
        Assert.InRange(won, 0, 2);
        Assert.Equal(8, won + honest);
        Assert.InRange(asked, 8, 256);
    }

    /// <summary>
    /// Whoever has four networks (IPv4 /24), or two /32 of IPv6, beside a target has all results: what an id is worth
    /// without BEP 42. With it, none.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void FourNetworksBesideATarget_WinItUnlessIdsAreEnforced(IpFamily family)
    {
        (int won, _, _) = Look(family, 8, InFewNetworks);
        (int enforced, int honest, _) = Look(family, 8, InFewNetworks, enforce: true);
        output.WriteLine($"{family}: four networks win {won} of 8 results; with ids enforced {enforced}.");
        Assert.Equal(8, won);
        Assert.Equal((0, 8), (enforced, honest));
    }

    /// <summary>
    /// Answers under another id than the one asked: the id they say counts, and the one that was borrowed is not
    /// believed.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void AnswersThatLieAboutTheirIds_DisplaceNobodyGood(IpFamily family)
    {
        var node = new NodeHarness();
        NodeId good = NodeId.Random(new SeededRandomSource(Seed));
        Endpoint home = TestEndpoints.Public(family, 1);
        node.Introduce(good, home);
        for (int i = 2; i < 200; i++)
        {
            // The liar says that it is the good one; the good one's entry does not move to it.
            Endpoint liar = TestEndpoints.Public(family, i);
            node.Take();
            node.Node.Ping(liar, node.Now);
            node.Receive(NodeHarness.Pong(node.TakeQuery().TransactionId, WireText.Of(good)), liar);
        }

        Assert.Equal(home, Assert.Single(HostileStateTests.Contacts(node, family)).Endpoint);
    }

    /// <summary>Of eight two each in a /24, or four each in a /32 with a /48 of its own.</summary>
    private static Endpoint InFewNetworks(IpFamily family, int number) => family == IpFamily.IPv4
        ? Endpoint.FromIPv4(0x0909_0001 + ((uint)(number / 2) << 8) + ((uint)number % 2), 6881)
        : Endpoint.FromIPv6(0x2A0F_FFF0_0000_0000 + ((ulong)(number / 4) << 32) + ((ulong)(number % 4) << 16), 1, 6881);

    private static Endpoint InOneNetwork(IpFamily family, int number) =>
        HostileStateTests.InOneNetwork(family, number % Liars);

    private static Shares Poison(
        IpFamily family,
        RoutingTableKind table,
        Func<int, int> prefix,
        Func<IpFamily, int, Endpoint> place,
        NodeOptions? options = null,
        bool first = false)
    {
        var random = new SeededRandomSource(Seed);
        NodeHarness node = HostileStateTests.Still(
            (options ?? new NodeOptions()) with
            {
                TableKind = table,
                QueriesPerSecondPerAddress = 0,
                AnswersPerSecondPerAddress = 0,
            },
            Seed);
        bool fits = options?.EnforceSecureIds == true;
        for (int round = first ? 1 : 0; round < (first ? 3 : 2); round++)
        {
            for (int i = 0; i < (round % 2 == 0 ? Honest : 1_000); i++)
            {
                Endpoint endpoint = round % 2 == 0 ? TestEndpoints.Public(family, i) : place(family, i);
                int bits = prefix(i);
                NodeId id = round % 2 == 0
                    ? fits ? SecureNodeId.Derive(endpoint, random) : NodeId.Random(random)
                    : bits < 0 ? NodeId.Random(random) : node.Node.IdOf(family).RandomWithCommonPrefix(bits, random);
                node.Introduce(id, endpoint);
                node.Advance(TimeSpan.FromMilliseconds(100));
            }
        }

        HashSet<Endpoint> liars = [.. Enumerable.Range(0, 1_000).Select(i => place(family, i))];
        List<Contact> contacts = HostileStateTests.Contacts(node, family);
        double ofTable = (double)contacts.Count(contact => liars.Contains(contact.Endpoint)) / contacts.Count;
        int ofRandom = Enumerable.Range(0, 500).Sum(_ => Won(node, family, NodeId.Random(random), liars));
        return new Shares(Won(node, family, node.Node.IdOf(family), liars), ofTable, ofRandom / (500.0 * 8));
    }

    private static int Won(NodeHarness node, IpFamily family, NodeId target, HashSet<Endpoint> liars)
    {
        byte[] bytes = new byte[8 * CompactNode.SizeOf(family)];
        int length = node.Node.Table(family).CopyClosest(target, default, bytes);
        int won = 0;
        foreach (CompactNode contact in new CompactNodes(bytes.AsSpan(0, length), family))
        {
            won += liars.Contains(contact.Endpoint) ? 1 : 0;
        }

        return won;
    }

    private static (int Won, int Honest, int Asked) Look(
        IpFamily family, int count, Func<IpFamily, int, Endpoint> place, bool enforce = false)
    {
        var random = new SeededRandomSource(Seed);
        NodeId target = NodeId.Random(random);
        var world = new World(new WorldOptions
        {
            Seed = Seed,
            Families = IpFamily.Both,
            KeepsUpkeep = true,
            HasSecureIds = enforce,
            Node = new NodeOptions { EnforceSecureIds = enforce },
        });
        for (int i = 0; i < 300; i++)
        {
            world.Neighbours.Add(TestEndpoints.Public(family, i));
        }

        HashSet<Endpoint> liars = [];
        for (int i = 0; i < count; i++)
        {
            Endpoint endpoint = place(family, i);
            liars.Add(endpoint);
            world.Neighbours.Add(endpoint, target.RandomWithCommonPrefix(100 + (i % 50), random));
        }

        foreach (Neighbour neighbour in world.Neighbours.Take(20))
        {
            world.Introduce(neighbour);
        }

        var recorder = new LookupRecorder();
        Assert.True(world.Node.TryStartLookup(
            new LookupRequest { Target = target, Listener = recorder }, world.Now, out _));
        world.Run(TimeSpan.FromSeconds(70));
        Assert.Equal(1, recorder.Ends);
        int won = recorder.Closest.ToArray().Count(contact => liars.Contains(contact.Endpoint));
        return (won, recorder.Closest.Length - won, recorder.Report.Asked);
    }

    private void Report(IpFamily family, RoutingTableKind table, string attack, Shares shares) =>
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{family} {table}, {attack}: {shares.OfNearest} of the 8 nearest to us, "
            + $"{shares.OfTable:0.0 %} of the table, {shares.OfRandomAnswers:0.0 %} of answers."));

    private readonly record struct Shares(int OfNearest, double OfTable, double OfRandomAnswers);
}
