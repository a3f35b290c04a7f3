using Dht.Engine.Addressing;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Hostile.Outcome;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>Arguments of queries that are out of range, of another type, or far too long.</summary>
public sealed class ArgumentTests
{
    public static TheoryData<IpFamily> Families => SocketPair.Families;

    [Theory]
    [MemberData(nameof(Families))]
    public async Task APortThatIsNone_IsAnsweredWith203_AndStoresNothing(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        string token = TokenFor(pair);
        string[] ports =
            [
                "", "4:porti0e", "4:porti65536e", "4:porti-1e", "4:porti9223372036854775807e", "4:port4:6881",
                "4:portle", "4:portde",
            ];
        await pair.AssertAsync([.. ports.Select(port =>
            new HostileCase(port, Announce($"{port}5:token{Str(token)}"), Error203))]);
        Assert.Equal((0, 0L), ((await pair.StateAsync()).Peers, pair.Counters.Node.PeersStored));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task AnOddImpliedPort_IsYesForAnyNumberButZero(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        string rest = $"9:info_hash20:{IdB}5:token{Str(TokenFor(pair))}";
        (string Implied, bool Counts)[] cases =
        [
            ("i1e", true), ("i2e", true), ("i-1e", true), ("i9223372036854775807e", true), ("i0e", false),
            ("1:1", false), ("le", false), ("de", false),
        ];
        foreach ((string implied, bool counts) in cases)
        {
            // Without a port of its own, only an implied one can be stored.
            byte[] query = Bytes($"d1:ad2:id20:{IdA}12:implied_port{implied}{rest}e1:q13:announce_peer1:t2:aa1:y1:qe");
            Assert.EndsWith(
                counts ? "1:y1:re" : "1:y1:ee", Assert.Single(pair.Exchange(query)), StringComparison.Ordinal);
        }

        Assert.Equal(1, (await pair.StateAsync()).Peers);
        await pair.AssertNothingGrowsAsync(
            [Bytes($"d1:ad2:id20:{IdA}12:implied_porti7e{rest}e1:q13:announce_peer1:t2:aa1:y1:qe")]);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task ATokenOfAnyLength_IsRefusedUnlessItIsOurs(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        string[] tokens = ["0:", "1:x", "7:aoeusnt", "8:aoeusnth", "9:aoeusnthx", "32:"
            + Fill(32), Str(Fill(1_700)), "i7e", "l8:aoeusnthe"];
        await pair.AssertAsync(
        [
            .. tokens.Select(
                token => new HostileCase($"token {token.Length}", Announce("4:porti1e5:token" + token), Error203)),
            new("no token", Announce("4:porti1e"), Error203),
            new("token of 4 kB", Announce("4:porti1e5:token" + Str(Fill(4_096))), Error203),
            new("token of 16 kB", Announce("4:porti1e5:token" + Str(Fill(16_384))), Truncated),
            new("token of 60 kB", Announce("4:porti1e5:token" + Str(Fill(61_440))), Truncated),
        ]);
        Assert.Equal(0, (await pair.StateAsync()).Peers);

        // No buffer of ours holds the longest, but nothing else may depend on that.
        var node = new NodeHarness();
        Endpoint asker = family == IpFamily.IPv6 ? NodeHarness.Asker6 : NodeHarness.Asker;
        Assert.Contains(
            "bad token",
            node.Ask(Bytes(Announce("4:porti1e5:token" + Str(Fill(65_000)))), asker),
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task AnOddWant_IsNoWant(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        string[] wants = ["2:n4", "i4e", "le", "de", "ll2:n4ee", "l2:n5e", "l2:n4i1ee", "l0:e", "l"
            + string.Concat(Enumerable.Repeat("2:n4", 400)) + "e"];
        await pair.AssertAsync(
        [
            .. wants.Select(
                want => new HostileCase(want, Query("find_node", $"6:target20:{IdB}4:want{want}"), Answer)),
        ]);
        string both = Assert.Single(pair.Exchange(Query("find_node", $"6:target20:{IdB}4:wantl2:n42:n6e")));
        Assert.Contains("5:nodes", both, StringComparison.Ordinal);
        Assert.Contains("6:nodes6", both, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task AnInfoHashOrTargetOfAnotherLength_IsAnsweredWith203(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        (string Method, string Key)[] methods =
            [
                ("find_node", "6:target"),
                ("sample_infohashes", "6:target"),
                ("get_peers", "9:info_hash"),
                ("announce_peer", "9:info_hash"),
            ];
        string[] values = ["0:", "19:" + Fill(19), "21:" + Fill(21), "40:" + Fill(40), "i0e", "l20:" + Fill(20)
            + "e", "de"];
        await pair.AssertAsync([.. methods.SelectMany(method => values.Select(value =>
            new HostileCase($"{method.Method} {value}", Query(method.Method, method.Key + value), Error203)))]);
    }

    private static string Announce(string arguments) =>
        Text(Bytes($"d1:ad2:id20:{IdA}9:info_hash20:{IdB}{arguments}e1:q13:announce_peer1:t2:aa1:y1:qe"));

    private static string TokenFor(SocketPair pair)
    {
        string reply = Assert.Single(pair.Exchange(Query("get_peers", $"9:info_hash20:{IdB}")));
        return reply.Substring(reply.IndexOf("5:token8:", StringComparison.Ordinal) + 9, 8);
    }
}
